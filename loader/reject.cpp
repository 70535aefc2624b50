#include "loader/reject.h"

#include <absl/strings/str_cat.h>

#include "loader/json_text.h"

namespace clientele {

std::string Reject::ToString() const {
  const std::string place = pointer.empty() ? "" : pointer + ": ";
  return absl::StrCat(file, ":", line, ": ", place, "expected ", expected, ", got ", value.empty() ? "nothing" : value);
}

void AppendRejectLine(const Reject& reject, std::string_view record, std::string& out) {
  const auto member = [&out](const char* name, std::string_view text) {
    out += name;
    AppendJsonString(text, out);
  };
  member("{\"file\":", reject.file);
  absl::StrAppend(&out, ",\"line\":", reject.line);
  member(",\"pointer\":", reject.pointer);
  member(",\"value\":", reject.value);
  member(",\"expected\":", reject.expected);
  member(",\"record\":", record);
  out += "}\n";
}

}  // namespace clientele
