// The dictionaries that the records of a store share, each for one kind of text. All of them hold JSON-escaped text, ready to be
// copied out. Their memory is bounded whatever the input: they take only short texts that come back soon
// (index/text_encoder.h) and stop at their capacity. Thread-safe, as Interner is.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include "index/interner.h"
#include "index/schema.h"

namespace clientele {

class RecordDictionaries {
 public:
  // More texts would save little (16,384 instead of 4,096: 5 of 175 bytes a record on generated clients), but push the
  // dictionaries out of the second-level cache, which loading and rendering notice.
  static constexpr std::uint32_t kCapacity = 4'096;

  // Each dictionary takes at most `capacity` texts, and no more than there are codes for it.
  explicit RecordDictionaries(std::uint32_t capacity = kCapacity);

  Interner& texts(Field field) { return *texts_[static_cast<std::size_t>(field)]; }  // For kText, kTextList and kNumber.
  const Interner& texts(Field field) const { return *texts_[static_cast<std::size_t>(field)]; }

  std::uint64_t MemoryBytes() const;

  // Calls visit(name, dictionary) for each, always in the same order.
  template <class Visit>
  void ForEach(Visit visit) const {
    visit("domains", domains);
    visit("prefixes", prefixes);
    visit("languages", languages);
    visit("group_lists", group_lists);
    visit("auth_lists", auth_lists);
    visit("user_tails", user_tails);
    visit("features", features);
    for (const FieldDef& def : Fields()) {
      if (const auto& one = texts_[static_cast<std::size_t>(def.field)]; one != nullptr) visit(def.name, *one);
    }
  }
  template <class Visit>
  void ForEach(Visit visit) {
    std::as_const(*this).ForEach([&](std::string_view name, const Interner& one) { visit(name, const_cast<Interner&>(one)); });
  }

  Interner domains;      // "@mail.example": mail domains with the sign before them.
  Interner prefixes;     // What precedes the client's own mail domain in other texts: "https://www.", "cdn.".
  Interner languages;    // Of users.
  Interner group_lists;  // `[{"id":1,"name":"Administrators"}]`
  Interner auth_lists;   // `["password"]`
  Interner user_tails;   // The members of a user from `deleted` on, with the closing brace.
  Interner features;     // `{"feature_id":1,"name":"CDN logs","service":"CDN","create_date":"`

 private:
  std::array<std::unique_ptr<Interner>, kFieldCount> texts_;
};

}  // namespace clientele
