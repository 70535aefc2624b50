#include "index/text_encoder.h"

#include <algorithm>

#include "index/json_text.h"
#include "index/record_format.h"

namespace clientele {
namespace {

constexpr std::size_t kOwnDomainMin = 4;  // Referring to a shorter one saves nothing.
constexpr std::uint8_t kNotPacked = 0xFF;

// The place of each character in kPackedAlphabet.
constexpr auto kPackedCodes = [] {
  std::array<std::uint8_t, 256> codes{};
  codes.fill(kNotPacked);
  for (std::uint8_t i = 0; i < 16; ++i) codes[static_cast<unsigned char>(kPackedAlphabet[i])] = i;
  return codes;
}();

std::uint8_t PackedCode(char c) {
  return kPackedCodes[static_cast<unsigned char>(c)];
}

bool IsPackable(std::string_view text) {
  return text.size() >= kPackedMin && text.size() <= kPackedMax &&
         std::ranges::all_of(text, [](char c) { return PackedCode(c) != kNotPacked; });
}

void PutPacked(std::string_view text, RowWriter& out) {
  out.PutByte(static_cast<std::uint8_t>(kPackedText + text.size() - kPackedMin));
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const std::uint8_t second = i + 1 < text.size() ? PackedCode(text[i + 1]) : 0;
    out.PutByte(static_cast<std::uint8_t>(PackedCode(text[i]) | second << 4));
  }
}

void PutCode(std::uint32_t code, RowWriter& out) {
  if (code < kOneByteCodes) {
    out.PutByte(static_cast<std::uint8_t>(kCodeText + code));
  } else if (code < kTwoByteCodes) {
    const std::uint32_t rest = code - kOneByteCodes;
    out.PutByte(static_cast<std::uint8_t>(kCode2Text + (rest >> 8)));
    out.PutByte(static_cast<std::uint8_t>(rest));
  } else {
    out.PutByte(kCode3Text);
    out.PutFixed(code, 2);
  }
}

void PutInline(std::string_view text, RowWriter& out) {
  if (text.size() <= kInlineTextMax) {
    out.PutByte(static_cast<std::uint8_t>(kInlineText + text.size()));
  } else {
    out.PutByte(kLongText);
    out.PutVarint(text.size());
  }
  out.PutText(text);
}

}  // namespace

bool DictionaryGate::WasMet(std::uint64_t hash) {
  std::uint16_t& place = met_[hash % met_.size()];
  const std::uint16_t mark = static_cast<std::uint16_t>(hash >> 48 | 1);  // Never 0, which stands for nothing met.
  const bool was_met = place == mark;
  place = mark;
  return was_met;
}

bool DictionaryGate::MayHold(std::uint64_t hash) {
  for (const std::uint32_t count = interner_.size(); held_count_ < count; ++held_count_) {
    const std::uint64_t bit = BitOf(Interner::Hash(interner_.Text(held_count_)));
    held_[bit / 64] |= std::uint64_t{1} << (bit % 64);
  }
  const std::uint64_t bit = BitOf(hash);
  return (held_[bit / 64] >> (bit % 64)) & 1;
}

std::optional<std::uint64_t> DictionaryGate::Announce(std::string_view text) const {
  if (text.size() > longest_) return std::nullopt;
  const std::uint64_t hash = Interner::Hash(text);
  __builtin_prefetch(&met_[hash % met_.size()]);
  __builtin_prefetch(&held_[BitOf(hash) / 64]);
  interner_.PrefetchSlot(hash);
  return hash;
}

void DictionaryGate::Look(std::uint64_t hash) {
  if (MayHold(hash)) interner_.PrefetchText(hash);
}

std::optional<std::uint32_t> DictionaryGate::Code(std::string_view text) {
  return text.size() > longest_ ? std::nullopt : Code(text, Interner::Hash(text));
}

std::optional<std::uint32_t> DictionaryGate::Code(std::string_view text, std::uint64_t hash) {
  if (MayHold(hash)) {
    if (const auto known = interner_.Find(text, hash)) return known;
  }
  if (interner_.full() || !WasMet(hash)) return std::nullopt;
  return interner_.Intern(text, hash);
}

TextEncoder::EscapedText TextEncoder::Escape(std::string_view text) {
  const TextScan scan = Scan(text);
  if (!scan.needs_escape) [[likely]]
    return {text, scan.last_at_sign};
  escape_scratch_.clear();
  AppendEscaped(text, escape_scratch_);
  return {escape_scratch_, Scan(escape_scratch_).last_at_sign};
}

void TextEncoder::Put(std::string_view text, DictionaryGate* gate, RowWriter& out, std::optional<std::uint64_t> hash) {
  const EscapedText escaped = Escape(text);
  if (escaped.text.data() != text.data()) hash.reset();
  if (!PutWithOwnDomain(escaped.text, out) && !PutMail(escaped, out)) PutRaw(escaped.text, gate, out, hash);
}

std::optional<std::uint64_t> TextEncoder::AnnounceEmail(std::string_view email) const {
  const std::size_t at = email.rfind('@');
  return at == std::string_view::npos ? std::nullopt : domains_.Announce(email.substr(at));
}

void TextEncoder::PutOwnEmail(std::string_view email, DictionaryGate* gate, RowWriter& out) {
  ForgetOwnEmail();
  const EscapedText escaped = Escape(email);
  if (!PutMail(escaped, out)) PutRaw(escaped.text, gate, out);
  if (escaped.last_at_sign == std::string_view::npos) return;
  const std::string_view domain = escaped.text.substr(escaped.last_at_sign + 1);
  if (domain.size() >= kOwnDomainMin) own_domain_.assign(domain);
}

void TextEncoder::PutRaw(std::string_view bytes, DictionaryGate* gate, RowWriter& out, std::optional<std::uint64_t> hash) {
  if (gate != nullptr && bytes.size() >= 2) {
    if (const auto code = hash ? gate->Code(bytes, *hash) : gate->Code(bytes)) return PutCode(*code, out);
  }
  if (IsPackable(bytes)) return PutPacked(bytes, out);
  PutInline(bytes, out);
}

bool TextEncoder::PutWithOwnDomain(std::string_view escaped, RowWriter& out) {
  if (own_domain_.empty() || escaped.size() < own_domain_.size()) return false;
  // Most texts differ in their last letter already.
  if (escaped.back() != own_domain_.back() || !escaped.ends_with(own_domain_)) return false;
  std::string_view prefix = escaped.substr(0, escaped.size() - own_domain_.size());
  if (prefix.ends_with('@') && prefix.size() - 1 <= kInlineTextMax) {
    prefix.remove_suffix(1);
    out.PutByte(static_cast<std::uint8_t>(kMailText + prefix.size()));
    out.PutVarint(kOwnMailDomain);
    out.PutText(prefix);
    return true;
  }
  if (prefix.size() > kInlineTextMax) return false;
  if (const auto code = prefixes_.Code(prefix)) {
    out.PutByte(kOwnDomainText);
    out.PutVarint(*code);
  } else {
    out.PutByte(kOwnDomainInlineText);
    out.PutByte(static_cast<std::uint8_t>(prefix.size()));
    out.PutText(prefix);
  }
  return true;
}

bool TextEncoder::PutMail(const EscapedText& escaped, RowWriter& out) {
  const std::size_t at = escaped.last_at_sign;
  if (at == std::string_view::npos || at > kInlineTextMax) return false;
  const auto code = domains_.Code(escaped.text.substr(at));
  if (!code.has_value()) return false;
  out.PutByte(static_cast<std::uint8_t>(kMailText + at));
  out.PutVarint(std::uint64_t{*code} + 1);
  out.PutText(escaped.text.substr(0, at));
  return true;
}

}  // namespace clientele
