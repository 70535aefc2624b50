// Writes the texts of encoded records as JSON, without their quotation marks: the reading side of index/text_encoder.h.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "index/json_sink.h"
#include "index/record_dictionaries.h"
#include "index/record_format.h"

namespace clientele {

// Writes the texts of one record. Holds what they may refer to.
class TextWriter {
 public:
  // `email` is the encoded text of the record's own email, or null when it has none; `end` is the record's end.
  TextWriter(const RecordDictionaries& dictionaries, const std::uint8_t* email, const std::uint8_t* end, JsonSink& sink)
      : dictionaries_(dictionaries), email_(email), end_(end), sink_(sink) {}

  // Writes the text at `at` and moves behind it. Leaves at least kRoom - 384 bytes of room.
  char* Write(const std::uint8_t*& at, const Interner& texts, char* out) {
    out = sink_.Room(out);
    const std::uint8_t first = *at;
    if (first < kMailText) {
      ++at;
      return CopyInline(at, first, out);
    }
    if (first >= kCodeText && first < kCode2Text) {
      ++at;
      return PutStored(texts.Text(first - kCodeText), out);
    }
    if (first < kCodeText) {
      ++at;
      const std::uint64_t domain = ReadVarint(at, end_);
      out = CopyInline(at, first - kMailText, out);
      if (domain != kOwnMailDomain) return PutStored(dictionaries_.domains.Text(static_cast<std::uint32_t>(domain - 1)), out);
      *out++ = '@';
      return PutOwnDomain(out);
    }
    return WriteRare(at, texts, out);
  }

  // A text of a dictionary. Needs room for 256 bytes.
  char* PutStored(std::string_view text, char* out) {
    if (text.size() > 256) [[unlikely]]
      return sink_.PutLong(out, text);
    return CopyPadded(out, text.data(), text.size());
  }

 private:
  // At most kInlineTextMax bytes.
  char* CopyInline(const std::uint8_t*& at, std::size_t size, char* out) {
    const char* const from = reinterpret_cast<const char*>(at);
    if (end_ - at >= 64) [[likely]] {
      std::memcpy(out, from, 32);
      if (size > 32) std::memcpy(out + 32, from + 32, 32);
    } else {
      std::memcpy(out, from, size);
    }
    at += size;
    return out + size;
  }

  char* WriteRare(const std::uint8_t*& at, const Interner& texts, char* out);
  char* PutOwnDomain(char* out);
  std::string_view OwnDomain();

  const RecordDictionaries& dictionaries_;
  const std::uint8_t* const email_;
  const std::uint8_t* const end_;
  JsonSink& sink_;
  std::string_view own_domain_;  // Found when first asked for.
};

}  // namespace clientele
