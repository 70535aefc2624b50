#include "index/text_writer.h"

#include <algorithm>

namespace clientele {
namespace {

// The two characters that each byte of a packed text stands for.
constexpr auto kPackedPairs = [] {
  std::array<std::array<char, 2>, 256> pairs{};
  for (std::size_t byte = 0; byte < 256; ++byte) pairs[byte] = {kPackedAlphabet[byte & 0xF], kPackedAlphabet[byte >> 4]};
  return pairs;
}();

std::string_view Characters(const std::uint8_t* at, std::size_t size) {
  return {reinterpret_cast<const char*>(at), size};
}

}  // namespace

char* TextWriter::WriteRare(const std::uint8_t*& at, const Interner& texts, char* out) {
  const std::uint8_t first = *at;
  if (first < kPackedText || first == kCode3Text) return PutStored(texts.Text(ReadCode(at)), out);
  ++at;
  if (first < kLongText) {
    const std::size_t size = first - kPackedText + kPackedMin;
    for (std::size_t i = 0; i < size; i += 2) std::memcpy(out + i, kPackedPairs[*at++].data(), 2);
    return out + size;
  }
  if (first == kLongText) {
    const std::uint64_t size = ReadVarint(at, end_);
    out = sink_.PutLong(out, Characters(at, size));
    at += size;
    return out;
  }
  if (first == kOwnDomainText) {
    const std::uint64_t code = ReadVarint(at, end_);
    out = PutStored(dictionaries_.prefixes.Text(static_cast<std::uint32_t>(code)), out);
  } else {
    const std::size_t size = *at++;
    out = CopyInline(at, size, out);
  }
  return PutOwnDomain(out);
}

char* TextWriter::PutOwnDomain(char* out) {
  if (own_domain_.data() == nullptr) own_domain_ = OwnDomain();
  if (own_domain_.size() > 256) return sink_.PutLong(out, own_domain_);
  std::memcpy(out, own_domain_.data(), own_domain_.size());
  return out + own_domain_.size();
}

// The encoder refers to it only if the email has one, and never in the email itself.
std::string_view TextWriter::OwnDomain() {
  const std::uint8_t* at = email_;
  const std::uint8_t first = *at;
  std::string_view email;
  if (first < kMailText) {
    email = Characters(at + 1, first);
  } else if (first < kCodeText) {
    email = dictionaries_.domains.Text(static_cast<std::uint32_t>(ReadVarint(++at, end_) - 1));
  } else if (first == kLongText) {
    const std::uint64_t size = ReadVarint(++at, end_);
    email = Characters(at, size);
  } else {
    email = dictionaries_.texts(Field::kEmail).Text(ReadCode(at));
  }
  return email.substr(email.rfind('@') + 1);
}

}  // namespace clientele
