#include "loader/gzip_inflater.h"

#include <algorithm>
#include <cstdint>
#include <limits>

#include <absl/strings/str_cat.h>
#include <isa-l/igzip_lib.h>

namespace clientele {
namespace {

std::string_view Describe(int code) {
  switch (code) {
    case ISAL_INVALID_BLOCK: return "a block of unknown type";
    case ISAL_INVALID_SYMBOL: return "an unknown symbol";
    case ISAL_INVALID_LOOKBACK: return "a reference to before the start";
    case ISAL_INVALID_WRAPPER: return "a header that is none of gzip";
    case ISAL_UNSUPPORTED_METHOD: return "an unknown method of compression";
    case ISAL_INCORRECT_CHECKSUM: return "the checksum differs";
    default: return "unknown reason";
  }
}

}  // namespace

struct GzipInflater::Stream {
  inflate_state state;

  void Reset() {
    isal_inflate_reset(&state);
    state.crc_flag = ISAL_GZIP;  // Headers and checksums too.
  }
};

GzipInflater::GzipInflater() : stream_(std::make_unique<Stream>()), input_(new char[kInputBytes]) {
  isal_inflate_init(&stream_->state);
  stream_->Reset();
}

GzipInflater::~GzipInflater() = default;

absl::Status GzipInflater::Refill(ReadRaw read_raw) {
  const absl::StatusOr<std::size_t> size = read_raw(input_.get(), kInputBytes);
  if (!size.ok()) return size.status();
  stream_->state.next_in = reinterpret_cast<std::uint8_t*>(input_.get());
  stream_->state.avail_in = static_cast<std::uint32_t>(*size);
  raw_at_end_ = *size == 0;
  return absl::OkStatus();
}

// Behind the end of a member: another one, padding, or the end.
absl::Status GzipInflater::NextMember(ReadRaw read_raw) {
  inflate_state& state = stream_->state;
  for (;;) {
    while (state.avail_in > 0 && *state.next_in == 0) {
      ++state.next_in;
      --state.avail_in;
    }
    if (state.avail_in > 0) break;
    if (const absl::Status status = Refill(read_raw); !status.ok()) return status;
    if (raw_at_end_) {
      done_ = true;
      return absl::OkStatus();
    }
  }
  if (*state.next_in != 0x1F) return absl::DataLossError("something that is no gzip follows the compressed data");
  stream_->Reset();
  between_members_ = false;
  return absl::OkStatus();
}

absl::StatusOr<std::size_t> GzipInflater::Read(ReadRaw read_raw, char* out, std::size_t size) {
  inflate_state& state = stream_->state;
  size = std::min<std::size_t>(size, std::numeric_limits<std::uint32_t>::max());
  state.next_out = reinterpret_cast<std::uint8_t*>(out);
  state.avail_out = static_cast<std::uint32_t>(size);
  bool flushed = false;  // Output that the library holds back comes without input.
  const auto waits = [&](const absl::Status& status) { return absl::IsUnavailable(status) && state.avail_out < size; };
  while (!done_ && state.avail_out > 0) {
    if (between_members_) {
      const absl::Status status = NextMember(read_raw);
      if (waits(status)) break;
      if (!status.ok()) return status;
      continue;
    }
    if (state.avail_in == 0 && flushed) {
      const absl::Status status = Refill(read_raw);
      if (waits(status)) break;
      if (!status.ok()) return status;
      if (raw_at_end_) return absl::DataLossError("the compressed data ends in the middle");
    }
    const int code = isal_inflate(&state);
    flushed = true;
    between_members_ = state.block_state == ISAL_BLOCK_FINISH;
    if (code < 0)
      return absl::DataLossError(
          absl::StrCat("broken gzip data: ", absl::string_view(Describe(code).data(), Describe(code).size())));
  }
  return size - state.avail_out;
}

}  // namespace clientele
