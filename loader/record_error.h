// What is wrong with a record, said for people.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "loader/json_cursor.h"
#include "loader/json_tokens.h"

namespace clientele {

// What is wrong with a record, without its place in the input.
struct RecordError {
  static constexpr std::size_t kNowhere = ~std::size_t{0};

  std::string
      pointer;        // JSON pointer of the bad value, such as "/users/0/email", or a column's name; empty for the whole record.
  std::string value;  // What was found: raw JSON or text of a cell, cut to some 80 bytes; empty when nothing was.
  std::string expected;  // "one of new, trial, ...", "a 64-bit integer", ...

  std::uint32_t column = 0;       // Of a row: number of the cell, from 1. 0: JSON, or the whole row.
  std::size_t offset = kNowhere;  // Where the value begins in the record's text, in bytes, if it can be pointed at.
  std::size_t length = 0;         // Of the value there.
};

RecordError DescribeMistake(std::string_view json, const JsonMistake& mistake);
RecordError DescribeTokenError(std::string_view json, JsonTokenError error);

}  // namespace clientele
