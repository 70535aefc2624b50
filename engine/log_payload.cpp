#include "engine/log_payload.h"

#include <limits>

#include <absl/strings/str_cat.h>
#include <lz4.h>
#include <xxhash.h>

namespace clientele {
namespace {

// Smaller ones share a page with others anyway.
constexpr std::size_t kCompressFromBytes = 1024;
constexpr std::size_t kBytesKept = std::size_t{16} << 20;  // Not more after a freak batch.

// `scratch` gets large enough for the packed bytes, and holds anything afterwards.
LogPayload PackBy(std::string_view plain, std::string& scratch) {
  LogPayload payload{.codec = LogPayload::Codec::kPlain, .plain_bytes = plain.size(), .checksum = 0, .bytes = {}};
  if (plain.size() >= kCompressFromBytes && plain.size() <= LZ4_MAX_INPUT_SIZE) {
    const auto bound = static_cast<std::size_t>(LZ4_compressBound(static_cast<int>(plain.size())));
    if (scratch.size() < bound) scratch.resize(bound);
    const int size =
        LZ4_compress_default(plain.data(), scratch.data(), static_cast<int>(plain.size()), static_cast<int>(scratch.size()));
    if (size > 0 && static_cast<std::size_t>(size) < plain.size()) {
      payload.codec = LogPayload::Codec::kLz4;
      payload.bytes.assign(scratch.data(), static_cast<std::size_t>(size));
    }
  }
  if (payload.codec == LogPayload::Codec::kPlain) payload.bytes = plain;
  payload.checksum = XXH3_64bits(payload.bytes.data(), payload.bytes.size());
  return payload;
}

}  // namespace

LogPayload LogPayload::Pack(std::string_view plain) {
  std::string scratch;
  return PackBy(plain, scratch);
}

std::string& LogPacker::Start() {
  if (plain_.capacity() > kBytesKept) std::string().swap(plain_);
  if (packed_.capacity() > kBytesKept) std::string().swap(packed_);
  plain_.clear();
  return plain_;
}

LogPayload LogPacker::Pack() {
  return PackBy(plain_, packed_);
}

absl::StatusOr<std::string> LogPayload::Unpack() const {
  return Unpack(codec, plain_bytes, checksum, bytes);
}

absl::StatusOr<std::string> LogPayload::Unpack(Codec codec, std::uint64_t plain_bytes, std::uint64_t checksum,
                                               std::string_view bytes) {
  if (XXH3_64bits(bytes.data(), bytes.size()) != checksum) return absl::DataLossError("the payload does not match its checksum");
  std::string plain;
  if (codec == Codec::kPlain) {
    plain = bytes;
  } else if (codec == Codec::kLz4 && plain_bytes <= LZ4_MAX_INPUT_SIZE && bytes.size() <= LZ4_MAX_INPUT_SIZE) {
    plain.resize(plain_bytes);
    const int size =
        LZ4_decompress_safe(bytes.data(), plain.data(), static_cast<int>(bytes.size()), static_cast<int>(plain_bytes));
    if (size < 0) return absl::DataLossError("the payload cannot be decompressed");
    plain.resize(static_cast<std::size_t>(size));
  } else {
    return absl::DataLossError(absl::StrCat("a payload of codec ", static_cast<int>(codec), " with ", plain_bytes, " bytes"));
  }
  if (plain.size() != plain_bytes) {
    return absl::DataLossError(absl::StrCat("the payload has ", plain.size(), " bytes, expected ", plain_bytes));
  }
  return plain;
}

}  // namespace clientele
