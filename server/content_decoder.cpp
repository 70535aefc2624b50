#include "server/content_decoder.h"

#include <algorithm>
#include <utility>

#include <absl/strings/str_cat.h>

#include "loader/gzip_inflater.h"
#include "loader/zstd_inflater.h"

namespace clientele {
namespace {

// Of zstd's window, as a power of two: the 8 MB that decoders of HTTP content have to support and senders may not exceed
// (RFC 9659). Each request under way may hold as much.
constexpr int kWindowLogMax = 23;

std::unique_ptr<Decompressor> NewDecompressor(ContentCoding coding) {
  switch (coding) {
    case ContentCoding::kGzip: return std::make_unique<GzipInflater>();
    case ContentCoding::kZstd: return std::make_unique<ZstdInflater>(kWindowLogMax);
    case ContentCoding::kIdentity: break;
  }
  return nullptr;
}

}  // namespace

ContentDecoder::ContentDecoder(ContentCoding coding) : decompressor_(NewDecompressor(coding)) {}

void ContentDecoder::Feed(std::string piece) {
  if (!piece.empty()) pieces_.push_back(std::move(piece));
}

absl::StatusOr<std::size_t> ContentDecoder::ReadRaw(char* out, std::size_t size) {
  if (pieces_.empty()) {
    if (ended_) return std::size_t{0};
    return absl::UnavailableError("the rest of the body is not here yet");
  }
  const std::size_t copied = pieces_.front().copy(out, size, used_);
  used_ += copied;
  if (used_ == pieces_.front().size()) {
    pieces_.pop_front();
    used_ = 0;
  }
  return copied;
}

absl::StatusOr<std::size_t> ContentDecoder::Read(char* out, std::size_t size) {
  if (decompressor_ == nullptr) return ReadRaw(out, size);
  return decompressor_->Read([this](char* raw, std::size_t raw_size) { return ReadRaw(raw, raw_size); }, out, size);
}

absl::StatusOr<std::string> Decode(ContentCoding coding, std::string body, std::size_t bytes_max) {
  if (coding == ContentCoding::kIdentity) return body;
  ContentDecoder decoder(coding);
  decoder.Feed(std::move(body));
  decoder.End();
  std::string content;
  constexpr std::size_t kStep = 65'536;
  while (true) {
    const std::size_t filled = content.size();
    content.resize(filled + kStep);
    const absl::StatusOr<std::size_t> got = decoder.Read(content.data() + filled, kStep);
    if (!got.ok()) return got.status();
    content.resize(filled + *got);
    if (*got == 0) return content;
    if (content.size() > bytes_max)
      return absl::OutOfRangeError(absl::StrCat("the content is longer than ", bytes_max, " bytes"));
  }
}

}  // namespace clientele
