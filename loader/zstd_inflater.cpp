#include "loader/zstd_inflater.h"

#include <new>

#include <absl/strings/str_cat.h>
#include <zstd.h>
#include <zstd_errors.h>

namespace clientele {

struct ZstdInflater::Stream {
  ZSTD_DCtx* context = ZSTD_createDCtx();
  ZSTD_inBuffer in{nullptr, 0, 0};

  ~Stream() { ZSTD_freeDCtx(context); }
};

ZstdInflater::ZstdInflater(int window_log_max) : stream_(std::make_unique<Stream>()), input_(new char[kInputBytes]) {
  if (stream_->context == nullptr) throw std::bad_alloc();
  ZSTD_DCtx_setParameter(stream_->context, ZSTD_d_windowLogMax, window_log_max);
}

ZstdInflater::~ZstdInflater() = default;

absl::StatusOr<std::size_t> ZstdInflater::Read(ReadRaw read_raw, char* out, std::size_t size) {
  ZSTD_inBuffer& in = stream_->in;
  ZSTD_outBuffer filled{out, size, 0};
  bool flushed = false;  // Output that the library holds back comes without input.
  while (!done_ && filled.pos < size) {
    if (in.pos == in.size && (flushed || !inside_frame_)) {
      const absl::StatusOr<std::size_t> got = read_raw(input_.get(), kInputBytes);
      if (absl::IsUnavailable(got.status()) && filled.pos > 0) break;
      if (!got.ok()) return got.status();
      in = {input_.get(), *got, 0};
      if (*got == 0 && inside_frame_) return absl::DataLossError("the compressed data ends in the middle");
      done_ = *got == 0;
      if (done_) break;
    }
    const std::size_t left = ZSTD_decompressStream(stream_->context, &filled, &in);
    flushed = true;
    if (ZSTD_isError(left)) {
      switch (ZSTD_getErrorCode(left)) {
        case ZSTD_error_memory_allocation: return absl::ResourceExhaustedError("no memory to decompress");
        case ZSTD_error_prefix_unknown: return absl::DataLossError("something that is no zstd frame follows the compressed data");
        default: return absl::DataLossError(absl::StrCat("broken zstd data: ", ZSTD_getErrorName(left)));
      }
    }
    inside_frame_ = left != 0;
  }
  return filled.pos;
}

}  // namespace clientele
