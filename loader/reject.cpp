#include "loader/reject.h"

#include <algorithm>

#include <absl/strings/str_cat.h>

#include "loader/json_text.h"

namespace clientele {
namespace {

constexpr std::size_t kBytesBefore = 40, kBytesAfter = 60;  // Of the excerpt, around the mark's start.

bool IsContinuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

// Appends `text` as it may be shown; tabs and line ends become blanks.
void AppendShown(std::string_view text, std::string& out) {
  while (!text.empty()) {
    const std::size_t length = Utf8SequenceLength(text.substr(0, 4));
    const auto c = static_cast<unsigned char>(text.front());
    if (c == '\t' || c == '\n' || c == '\r') {
      out += ' ';
    } else if (length == 0 || c < 0x20 || c == 0x7F) {
      out += "\xEF\xBF\xBD";
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
}

}  // namespace

std::string Reject::ToString() const {
  std::string text = file;
  if (line != 0) absl::StrAppend(&text, ":", line);
  if (column != 0) absl::StrAppend(&text, ":", column);
  if (element != 0) absl::StrAppend(&text, " (element ", element, ")");
  return absl::StrCat(text, ": ", pointer, pointer.empty() ? "" : ": ", "expected ", expected, ", got ",
                      value.empty() ? "nothing" : value);
}

SourceExcerpt ExcerptOf(std::string_view record, const RecordError& error) {
  SourceExcerpt excerpt;
  if (error.offset == RecordError::kNowhere || error.offset > record.size()) return excerpt;
  std::size_t begin = error.offset > kBytesBefore ? error.offset - kBytesBefore : 0;
  std::size_t end = std::min(record.size(), error.offset + kBytesAfter);
  while (begin < error.offset && IsContinuation(record[begin])) ++begin;  // Characters stay whole.
  while (end < record.size() && end > error.offset && IsContinuation(record[end])) --end;
  const std::size_t marked_end = std::clamp(error.offset + error.length, error.offset, end);
  if (begin > 0) excerpt.text = "...";
  AppendShown(record.substr(begin, error.offset - begin), excerpt.text);
  excerpt.mark_offset = excerpt.text.size();
  AppendShown(record.substr(error.offset, marked_end - error.offset), excerpt.text);
  excerpt.mark_length = excerpt.text.size() - excerpt.mark_offset;
  AppendShown(record.substr(marked_end, end - marked_end), excerpt.text);
  if (end < record.size()) excerpt.text += "...";
  return excerpt;
}

void AppendRejectLine(const Reject& reject, std::string_view record, std::string& out) {
  const auto member = [&out](const char* name, std::string_view text) {
    out += name;
    AppendJsonString(text, out);
  };
  member("{\"file\":", reject.file);
  if (reject.line != 0) absl::StrAppend(&out, ",\"line\":", reject.line);
  if (reject.element != 0) absl::StrAppend(&out, ",\"element\":", reject.element);
  if (reject.column != 0) absl::StrAppend(&out, ",\"column\":", reject.column);
  member(",\"pointer\":", reject.pointer);
  member(",\"value\":", reject.value);
  member(",\"expected\":", reject.expected);
  member(",\"record\":", record);
  out += "}\n";
}

}  // namespace clientele
