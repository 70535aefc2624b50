// Encodes single texts, choosing the shortest of the forms of index/record_format.h, and decides which texts enter a dictionary.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "index/interner.h"
#include "index/record_dictionaries.h"
#include "index/row_bytes.h"

namespace clientele {

// One thread's way into a shared dictionary. A text enters the dictionary when this thread meets it for the second time within
// some thousand texts: what is never repeated (most names) takes no room, what is frequent gets in early and so gets a short
// code.
class DictionaryGate {
 public:
  // Longer texts than `longest` are refused, which bounds the dictionary's memory.
  explicit DictionaryGate(Interner& interner, std::size_t longest = 64) : interner_(interner), longest_(longest) {}

  // The text's code, if it has one or gets one now. O(text); takes a lock only when the text is added.
  std::optional<std::uint32_t> Code(std::string_view text);

  // The same in three steps, so that what the lookups of several texts touch is fetched side by side: on its own each of them is
  // a chain of cache misses. Announce() gives the hash, unless the text is too long for the dictionary, and Look() follows it.
  std::optional<std::uint64_t> Announce(std::string_view text) const;
  void Look(std::uint64_t hash);
  std::optional<std::uint32_t> Code(std::string_view text, std::uint64_t hash);

 private:
  // Whether a text of this hash was met lately, which is remembered from now on.
  bool WasMet(std::uint64_t hash);

  // False when the dictionary holds no text of this hash.
  bool MayHold(std::uint64_t hash);

  Interner& interner_;
  const std::size_t longest_;
  std::array<std::uint16_t, 2048> met_{};  // A part of the hash of the text last met in each place.

  // A bit for the hash of each of the dictionary's first `held_count_` texts. Most texts of many fields are in no dictionary, and
  // to find that out in the dictionary itself is a cache miss; this stays in the second-level cache.
  static constexpr std::size_t kHeldBits = 32'768;
  static std::uint64_t BitOf(std::uint64_t hash) { return hash >> 24 & (kHeldBits - 1); }
  std::array<std::uint64_t, kHeldBits / 64> held_{};
  std::uint32_t held_count_ = 0;
};

// One per thread.
class TextEncoder {
 public:
  explicit TextEncoder(RecordDictionaries& dictionaries) : domains_(dictionaries.domains), prefixes_(dictionaries.prefixes) {}

  // Start fetching what writing this email will look up, as a gate does: AnnounceEmail() gives the hash of its domain, unless
  // there is none that could be looked up, and LookAtDomain() follows it.
  std::optional<std::uint64_t> AnnounceEmail(std::string_view email) const;
  void LookAtDomain(std::uint64_t hash) { domains_.Look(hash); }

  // Writes a text, escaped; `gate` is that of its dictionary, or null when it has none. `hash`: when the gate has announced it.
  void Put(std::string_view text, DictionaryGate* gate, RowWriter& out, std::optional<std::uint64_t> hash = {});

  // The same for the client's own email, to whose mail domain later texts of the record may refer.
  void PutOwnEmail(std::string_view email, DictionaryGate* gate, RowWriter& out);
  void ForgetOwnEmail() { own_domain_ = {}; }

  // Writes bytes that are no JSON string, such as a number, as they are.
  void PutRaw(std::string_view bytes, DictionaryGate* gate, RowWriter& out, std::optional<std::uint64_t> hash = {});

 private:
  // A text escaped, and where its last '@' is.
  struct EscapedText {
    std::string_view text;
    std::size_t last_at_sign;
  };
  EscapedText Escape(std::string_view text);
  bool PutWithOwnDomain(std::string_view escaped, RowWriter& out);
  bool PutMail(const EscapedText& escaped, RowWriter& out);

  DictionaryGate domains_, prefixes_;
  std::string own_domain_;  // Without the sign; empty when there is none worth referring to.
  std::string escape_scratch_;
};

}  // namespace clientele
