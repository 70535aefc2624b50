#include "server/inspect_snapshot.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>

#include "index/absl_view.h"
#include "index/date_time.h"
#include "index/lazy_checks.h"
#include "index/segment.h"
#include "index/snapshot_directory.h"
#include "loader/json_text.h"
#include "server/exit_status.h"
#include "server/terminal.h"
#include "server/text_table.h"

namespace clientele {
namespace {

constexpr std::string_view kIndices[] = {"values", "order", "texts", "text signatures", "dictionary"};

// What is known about a snapshot, before it is printed one way or the other.
struct Findings {
  std::string file;
  std::string written_at;
  std::uint32_t format = 0;
  std::uint64_t rows = 0, file_bytes = 0, section_bytes = 0, sections = 0;
  std::vector<PartBytes> parts;
  std::vector<DictionaryFill> dictionaries;
  std::string first_created, last_created;  // Empty when there are no clients.
  std::vector<std::string> damages;         // Of what was looked at.

  double PerClient(std::uint64_t bytes) const { return static_cast<double>(bytes) / std::max(1.0, static_cast<double>(rows)); }
  std::uint64_t MemoryBytes(bool hot_only) const {
    std::uint64_t bytes = 0;
    for (const PartBytes& part : parts) bytes += part.hot || !hot_only ? part.bytes : 0;
    return bytes;
  }
};

std::string TimeText(std::int64_t microseconds) {
  std::string text;
  AppendRfc3339(microseconds, text);
  return text;
}

void FindTimes(const Segment& segment, Findings& findings) {
  const absl::Status status = segment.Require(Field::kCreatedAt, IndexPart::kOrder);
  if (!status.ok()) return findings.damages.push_back(std::string(status.message()));
  const SortedValues& times = segment.field(Field::kCreatedAt).keys;
  if (times.size() == 0) return;
  findings.first_created = TimeText(times[0]);
  findings.last_created = TimeText(times[times.size() - 1]);
}

// Every section, and then whether the parts fit together where no section is damaged.
void VerifyAll(const OpenedSegment& opened, Findings& findings) {
  std::vector<std::string> damages;
  const auto note = [&](const absl::Status& status) {
    if (!status.ok()) damages.push_back(std::string(status.message()));
  };
  for (std::size_t section = 0; section < opened.table.sections().size(); ++section)
    note(CheckSections(opened.table, {&section, 1}));
  if (damages.empty()) {
    for (const FieldDef& def : Fields()) {
      for (const IndexPart part : {IndexPart::kValues, IndexPart::kOrder, IndexPart::kTexts})
        note(opened.segment->Require(def.field, part));
    }
    note(opened.segment->RequireRecords({}));
  }
  findings.damages = std::move(damages);
}

Findings Find(const OpenedSegment& opened, bool verify) {
  const SnapshotHeader& header = opened.table.header();
  Findings findings;
  findings.file = opened.table.file()->path();
  findings.written_at = TimeText(std::clamp(header.written_at, std::int64_t{0}, kTimeMax / 1'000'000) * 1'000'000);
  findings.format = header.version;
  findings.rows = header.row_count;
  findings.file_bytes = header.file_bytes;
  findings.sections = opened.table.sections().size();
  for (const SectionEntry& section : opened.table.sections()) findings.section_bytes += section.bytes();
  findings.parts = opened.segment->Ledger();
  findings.dictionaries = opened.segment->Dictionaries();
  FindTimes(*opened.segment, findings);
  if (verify) VerifyAll(opened, findings);
  return findings;
}

std::string ChecksumText(const Findings& findings, bool verify) {
  if (!findings.damages.empty()) return absl::StrCat(findings.damages.size(), " of ", findings.sections, " sections are damaged");
  if (verify) return absl::StrCat("all ", findings.sections, " sections are as they were written");
  return "header, table and dictionaries are as they were written; --verify reads the rest";
}

// Bytes a client: a line a column, a column an index.
std::string PartTable(const Findings& findings) {
  std::vector<TableColumn> columns{{"bytes a client", false, false}};
  for (const std::string_view index : kIndices) columns.push_back({std::string(index), true, false});
  columns.push_back({"all", true, false});
  TextTable table(std::move(columns));
  const auto cell = [&](std::uint64_t bytes) { return bytes == 0 ? "" : absl::StrFormat("%.2f", findings.PerClient(bytes)); };
  std::map<std::string_view, std::uint64_t> totals;
  std::uint64_t of_columns = 0;
  for (std::size_t i = 0; i < findings.parts.size();) {
    const std::string_view column = findings.parts[i].column;
    std::map<std::string_view, std::uint64_t> by_index;
    std::uint64_t all = 0;
    for (; i < findings.parts.size() && findings.parts[i].column == column; ++i) {
      by_index[findings.parts[i].index] = findings.parts[i].bytes;
      all += findings.parts[i].bytes;
    }
    if (column == "records") {
      // No index of a column: told below.
      continue;
    }
    std::vector<std::string> cells{std::string(column)};
    for (const std::string_view index : kIndices) {
      cells.push_back(cell(by_index[index]));
      totals[index] += by_index[index];
    }
    cells.push_back(cell(all));
    of_columns += all;
    table.AddRow(std::move(cells));
  }
  std::vector<std::string> sums{"all columns"};
  for (const std::string_view index : kIndices) sums.push_back(cell(totals[index]));
  sums.push_back(cell(of_columns));
  table.AddRow(std::move(sums));
  return table.Render(TerminalColumns());
}

std::string DictionaryTable(const Findings& findings) {
  TextTable table({{"dictionary", false, false}, {"texts", true, false}, {"full", true, false}, {"memory", true, false}});
  for (const DictionaryFill& fill : findings.dictionaries) {
    if (fill.size == 0) continue;
    table.AddRow({fill.name, WithThousands(fill.size),
                  absl::StrFormat("%.1f %%", 100.0 * fill.size / std::max(1u, fill.capacity)), ReadableBytes(fill.bytes)});
  }
  return table.Render(TerminalColumns());
}

void PrintTables(const Findings& findings, bool verify) {
  const auto per_client = [&](std::uint64_t bytes) {
    return absl::StrFormat("%s, %.1f bytes a client", ReadableBytes(bytes), findings.PerClient(bytes));
  };
  std::string out;
  const auto line = [&](std::string_view name, std::string_view value) {
    absl::StrAppend(&out, absl::StrFormat("%-12s%s\n", AbslView(name), AbslView(value)));
  };
  line("snapshot", findings.file);
  line("written", absl::StrCat(findings.written_at, ", format version ", findings.format));
  line("clients", WithThousands(findings.rows));
  if (!findings.first_created.empty()) line("created_at", absl::StrCat(findings.first_created, " to ", findings.last_created));
  line("file", absl::StrCat(per_client(findings.file_bytes), "; ", findings.sections, " sections, ",
                            ReadableBytes(findings.file_bytes - findings.section_bytes), " of header, table and padding"));
  line("memory", per_client(findings.MemoryBytes(false)));
  line("hot index", absl::StrCat(per_client(findings.MemoryBytes(true)), " (values and order)"));
  for (const PartBytes& part : findings.parts) {
    if (part.column == "records") line(absl::StrCat("records"), absl::StrCat(AbslView(part.index), ": ", per_client(part.bytes)));
  }
  line("checksums", ChecksumText(findings, verify));
  absl::StrAppend(&out, "\n", PartTable(findings), "\n", DictionaryTable(findings));
  std::fwrite(out.data(), 1, out.size(), stdout);
}

void PrintJson(const Findings& findings, bool verify) {
  std::string out = "{\"file\":";
  AppendJsonString(findings.file, out);
  absl::StrAppend(&out, ",\"written_at\":\"", findings.written_at, "\",\"format_version\":", findings.format,
                  ",\"clients\":", findings.rows, ",\"file_bytes\":", findings.file_bytes, ",\"sections\":", findings.sections,
                  ",\"section_bytes\":", findings.section_bytes, ",\"memory_bytes\":", findings.MemoryBytes(false),
                  ",\"hot_bytes\":", findings.MemoryBytes(true));
  const auto time = [](const std::string& text) { return text.empty() ? std::string("null") : absl::StrCat("\"", text, "\""); };
  absl::StrAppend(&out, ",\"created_at\":{\"first\":", time(findings.first_created), ",\"last\":", time(findings.last_created),
                  "},\"parts\":[");
  const char* comma = "";
  for (const PartBytes& part : findings.parts) {
    absl::StrAppend(&out, comma, "{\"column\":\"", AbslView(part.column), "\",\"index\":\"", AbslView(part.index),
                    "\",\"bytes\":", part.bytes, ",\"bytes_a_client\":", absl::StrFormat("%.3f", findings.PerClient(part.bytes)),
                    ",\"hot\":", part.hot ? "true" : "false", "}");
    comma = ",";
  }
  out += "],\"dictionaries\":[";
  comma = "";
  for (const DictionaryFill& fill : findings.dictionaries) {
    absl::StrAppend(&out, comma, "{\"name\":\"", fill.name, "\",\"texts\":", fill.size, ",\"capacity\":", fill.capacity,
                    ",\"bytes\":", fill.bytes, "}");
    comma = ",";
  }
  absl::StrAppend(&out, "],\"verified\":", verify ? "true" : "false", ",\"damages\":[");
  comma = "";
  for (const std::string& damage : findings.damages) {
    out += comma;
    AppendJsonString(damage, out);
    comma = ",";
  }
  out += "]}\n";
  std::fwrite(out.data(), 1, out.size(), stdout);
}

}  // namespace

int InspectSnapshot(const InspectSnapshotFlags& flags) {
  const absl::StatusOr<OpenedSegment> opened = OpenSnapshot(flags.folder, {.verify = Verify::kLazy, .on_damage = {}});
  if (!opened.ok()) {
    PrintError(StdView(opened.status().message()));
    return kExitFailed;
  }
  const Findings findings = Find(*opened, flags.verify);
  for (const std::string& damage : findings.damages) PrintError(damage);
  flags.json ? PrintJson(findings, flags.verify) : PrintTables(findings, flags.verify);
  return findings.damages.empty() && std::fflush(stdout) == 0 ? kExitDone : kExitFailed;
}

}  // namespace clientele
