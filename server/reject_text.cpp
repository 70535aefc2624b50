#include "server/reject_text.h"

#include <algorithm>

#include <absl/strings/str_cat.h>

#include "server/terminal.h"
#include "server/text_table.h"
#include "server/text_width.h"

namespace clientele {
namespace {

constexpr const char* kIndent = "    ";

}  // namespace

std::string SourceText(const Reject& reject) {
  const SourceExcerpt& source = reject.source;
  if (source.text.empty()) return "";
  const std::string before = TerminalSafe(source.text.substr(0, source.mark_offset));
  const std::string marked = TerminalSafe(source.text.substr(source.mark_offset, source.mark_length));
  const std::string behind = TerminalSafe(source.text.substr(source.mark_offset + source.mark_length));
  const std::size_t width = std::max<std::size_t>(DisplayWidth(marked), 1);
  return absl::StrCat(kIndent, before, marked, behind, "\n", kIndent, std::string(DisplayWidth(before), ' '), "^",
                      std::string(width - 1, '~'), "\n");
}

std::string RejectText(const Reject& reject) {
  return absl::StrCat(TerminalSafe(reject.ToString()), "\n", SourceText(reject));
}

std::string CauseTable(const LoadReport& report, std::size_t rows_max) {
  if (report.causes.empty()) return "";
  TextTable table({{"count", true, false}, {"place"}, {"expected"}});
  std::uint64_t others = report.other_causes;
  for (std::size_t i = 0; i < report.causes.size(); ++i) {
    const RejectCause& cause = report.causes[i];
    if (i >= rows_max) {
      others += cause.count;
    } else {
      table.AddRow({WithThousands(cause.count), cause.place.empty() ? "(record)" : cause.place, cause.expected});
    }
  }
  if (others > 0) table.AddRow({WithThousands(others), "", "other causes"});
  return table.Render(TerminalColumns());
}

}  // namespace clientele
