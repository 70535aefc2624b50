// Where the tokens of one JSON text begin: simdjson's first stage, which also checks UTF-8, that strings are closed, and that
// they hold no raw control characters, at several bytes a cycle with the machine's widest vectors (picked at run time).
//
// Why not simdjson's on-demand walk over the same index: its inline half is compiled for our baseline machine, where it copies
// and unescapes strings byte by byte; it never looks at what it skips, while every byte of a record must be checked here; and
// it does not say where a value ends, which the next token tells for free.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace clientele {

enum class JsonTokenError : std::uint8_t { kNone, kEmpty, kBadUtf8, kControlCharacter, kUnclosedString, kTooLarge };

// One per thread. Not thread-safe.
class JsonTokenizer {
 public:
  JsonTokenizer();
  ~JsonTokenizer();
  JsonTokenizer(const JsonTokenizer&) = delete;
  JsonTokenizer& operator=(const JsonTokenizer&) = delete;

  // Indexes `json`. A token begins at each of { } [ ] : , outside of strings, at the opening quote of a string and at the first
  // byte of any other run of bytes that are not white space. O(bytes).
  JsonTokenError Tokenize(std::string_view json);

  // Offsets of the tokens, ascending; behind the last one follows json.size(). Valid until the next call.
  const std::uint32_t* offsets() const { return offsets_; }
  std::size_t count() const { return count_; }

 private:
  struct Stage;
  std::unique_ptr<Stage> stage_;
  const std::uint32_t* offsets_ = nullptr;
  std::size_t count_ = 0;
};

}  // namespace clientele
