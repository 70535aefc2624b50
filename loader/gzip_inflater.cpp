#include "loader/gzip_inflater.h"

#include <algorithm>
#include <limits>
#include <new>

#include <absl/strings/str_cat.h>

namespace clientele {
namespace {

constexpr int kGzipOnly = 15 + 16;  // The largest window, and gzip headers alone: zlib's way to say so.

}  // namespace

GzipInflater::GzipInflater() : input_(new char[kInputBytes]) {
  if (inflateInit2(&stream_, kGzipOnly) != Z_OK) throw std::bad_alloc();
}

GzipInflater::~GzipInflater() {
  inflateEnd(&stream_);
}

absl::Status GzipInflater::Refill(ReadRaw read_raw) {
  const absl::StatusOr<std::size_t> size = read_raw(input_.get(), kInputBytes);
  if (!size.ok()) return size.status();
  stream_.next_in = reinterpret_cast<Bytef*>(input_.get());
  stream_.avail_in = static_cast<uInt>(*size);
  raw_at_end_ = *size == 0;
  return absl::OkStatus();
}

// Behind the end of a member: another one, or padding of zeros as tapes have it, or the end.
absl::Status GzipInflater::NextMember(ReadRaw read_raw) {
  for (;;) {
    while (stream_.avail_in > 0 && *stream_.next_in == 0) {
      ++stream_.next_in;
      --stream_.avail_in;
    }
    if (stream_.avail_in > 0) break;
    if (const absl::Status status = Refill(read_raw); !status.ok()) return status;
    if (raw_at_end_) {
      done_ = true;
      return absl::OkStatus();
    }
  }
  if (*stream_.next_in != 0x1F) return absl::DataLossError("something that is no gzip follows the compressed data");
  inflateReset(&stream_);
  between_members_ = false;
  return absl::OkStatus();
}

absl::StatusOr<std::size_t> GzipInflater::Read(ReadRaw read_raw, char* out, std::size_t size) {
  size = std::min<std::size_t>(size, std::numeric_limits<uInt>::max());
  stream_.next_out = reinterpret_cast<Bytef*>(out);
  stream_.avail_out = static_cast<uInt>(size);
  while (!done_ && stream_.avail_out > 0) {
    if (between_members_) {
      if (const absl::Status status = NextMember(read_raw); !status.ok()) return status;
      continue;
    }
    if (stream_.avail_in == 0) {
      if (const absl::Status status = Refill(read_raw); !status.ok()) return status;
      if (raw_at_end_) return absl::DataLossError("the compressed data ends in the middle");
    }
    const int code = inflate(&stream_, Z_NO_FLUSH);
    between_members_ = code == Z_STREAM_END;
    if (code == Z_MEM_ERROR) return absl::ResourceExhaustedError("no memory to decompress");
    if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) {
      return absl::DataLossError(absl::StrCat("broken gzip data: ", stream_.msg == nullptr ? "no gzip stream" : stream_.msg));
    }
  }
  return size - stream_.avail_out;
}

}  // namespace clientele
