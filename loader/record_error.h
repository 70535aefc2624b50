// What is wrong with a record, said for people.
#pragma once

#include <string>
#include <string_view>

#include "loader/json_cursor.h"
#include "loader/json_tokens.h"

namespace clientele {

// What is wrong with a record, without its place in the input.
struct RecordError {
  std::string pointer;   // JSON pointer of the bad value, such as "/users/0/email"; empty for the whole record.
  std::string value;     // What was found: raw JSON, cut to some 80 bytes; empty when nothing was.
  std::string expected;  // "one of new, trial, ...", "a 64-bit integer", ...
};

RecordError DescribeMistake(std::string_view json, const JsonMistake& mistake);
RecordError DescribeTokenError(std::string_view json, JsonTokenError error);

}  // namespace clientele
