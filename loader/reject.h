// One record that was left out of a load, and why.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "loader/record_error.h"

namespace clientele {

// The piece of a record's text around what is wrong, fit for a terminal: one line of valid UTF-8 without control characters.
struct SourceExcerpt {
  std::string text;             // Some 100 bytes at most; "..." where it is cut. Empty when nothing can be pointed at.
  std::size_t mark_offset = 0;  // The bytes of `text` that are wrong.
  std::size_t mark_length = 0;

  bool operator==(const SourceExcerpt&) const = default;
};

struct Reject {
  std::string file;
  std::uint64_t line = 0;     // Where the record begins, from 1; 0 when unknown, as of duplicates in arrays.
  std::uint64_t element = 0;  // Of a JSON array: the element's number, from 1; 0 elsewhere.
  std::uint32_t column = 0;   // Of a table: number of the cell, from 1; 0 for the whole row and for JSON.
  std::string pointer;  // JSON pointer (RFC 6901), such as "/users/0/email", or the column's name; empty for the whole record.
  std::string value;    // What was found, as raw JSON or as text in quotes, cut; empty when nothing was.
  std::string expected;
  SourceExcerpt source = {};

  // `clients.ndjson:17: /status: expected one of new, ..., got "actve"`; of a table `clients.csv:12:3: created_at: ...`, of an
  // array `clients.json:81 (element 17): ...`.
  std::string ToString() const;

  bool operator==(const Reject&) const = default;
};

// The part of `record` that `error` points at, with what stands around it.
SourceExcerpt ExcerptOf(std::string_view record, const RecordError& error);

// Appends the reject as one line of NDJSON: file, line, element and column (where there are such), pointer, value, expected, and
// `record`, the text that was refused, as a string: put right, it can be loaded again. Bytes that are not UTF-8 become U+FFFD.
void AppendRejectLine(const Reject& reject, std::string_view record, std::string& out);

}  // namespace clientele
