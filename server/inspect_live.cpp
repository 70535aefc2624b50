#include "server/inspect_live.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>

#include "index/absl_view.h"
#include "index/segment.h"
#include "index/snapshot_directory.h"
#include "loader/json_text.h"
#include "server/client_source.h"
#include "server/exit_status.h"
#include "server/terminal.h"
#include "server/text_table.h"

namespace clientele {
namespace {

struct SegmentFinding {
  std::string file;
  std::uint64_t rows = 0, dead_rows = 0, file_bytes = 0, memory_bytes = 0;
};

// What is known about a live set, before it is printed one way or the other.
struct Findings {
  std::string folder;
  OpenedSet opened;
  std::vector<SegmentFinding> files;  // The largest first.
  std::uint64_t unfiled_clients = 0;  // Whose current records are in the log only.

  std::uint64_t Sum(std::uint64_t SegmentFinding::*figure) const {
    std::uint64_t sum = 0;
    for (const SegmentFinding& file : files) sum += file.*figure;
    return sum;
  }
};

Findings Find(const ClientSet& set, const std::string& folder) {
  Findings findings{.folder = folder, .opened = set.opened(), .files = {}, .unfiled_clients = set.figures().live_rows};
  for (const SetSegment& one : set.segments()) {
    if (one.number == 0) {
      findings.unfiled_clients += one.living();
      continue;
    }
    SegmentFinding file{.file = SegmentFileName(one.number),
                        .rows = one.segment->row_count(),
                        .dead_rows = one.tombstones->count(),
                        .file_bytes = 0,
                        .memory_bytes = MemoryOf(*one.segment)};
    std::error_code error;  // A server beside may have merged it away meanwhile.
    const auto bytes = std::filesystem::file_size(std::filesystem::path(folder) / file.file, error);
    if (!error) file.file_bytes = bytes;
    findings.files.push_back(std::move(file));
  }
  std::ranges::stable_sort(findings.files, std::greater(), &SegmentFinding::rows);
  return findings;
}

std::string DeadShare(std::uint64_t dead, std::uint64_t rows) {
  return absl::StrFormat("%.1f %%", 100.0 * static_cast<double>(dead) / static_cast<double>(std::max<std::uint64_t>(rows, 1)));
}

std::string FileTable(const Findings& findings) {
  TextTable table({{"segment file", false, false},
                   {"rows", true, false},
                   {"dead rows", true, false},
                   {"dead", true, false},
                   {"bytes", true, false},
                   {"index and records", true, false}});
  for (const SegmentFinding& one : findings.files) {
    table.AddRow({one.file, WithThousands(one.rows), WithThousands(one.dead_rows), DeadShare(one.dead_rows, one.rows),
                  ReadableBytes(one.file_bytes), ReadableBytes(one.memory_bytes)});
  }
  return table.Render(TerminalColumns());
}

void PrintTables(const Findings& findings, bool verified) {
  std::string out;
  const auto line = [&](std::string_view name, std::string_view value) {
    absl::StrAppend(&out, absl::StrFormat("%-12s%s\n", AbslView(name), AbslView(value)));
  };
  const OpenedSet& opened = findings.opened;
  const std::uint64_t rows = findings.Sum(&SegmentFinding::rows), dead = findings.Sum(&SegmentFinding::dead_rows);
  line("live set", findings.folder);
  line("clients", WithThousands(opened.clients));
  line("files", absl::StrCat(WithThousands(findings.files.size()), findings.files.size() == 1 ? " segment, " : " segments, ",
                             WithThousands(rows), " rows, ", WithThousands(dead), " of them dead (", DeadShare(dead, rows), "); ",
                             ReadableBytes(findings.Sum(&SegmentFinding::file_bytes))));
  line("log", absl::StrCat(WithThousands(opened.log_groups), opened.log_groups == 1 ? " group, " : " groups, ",
                           WithThousands(opened.log_rows), " rows, ", ReadableBytes(opened.log_bytes),
                           "; a start replays them, here in ", ReadableDuration(opened.replay_seconds)));
  line("in no file", absl::StrCat(WithThousands(findings.unfiled_clients), " clients, whose records are in the log"));
  line("checksums", verified ? "everything is as it was written"
                             : "headers, tables and dictionaries are as they were written; --verify reads the rest");
  if (!findings.files.empty()) absl::StrAppend(&out, "\n", FileTable(findings));
  std::fwrite(out.data(), 1, out.size(), stdout);
}

void PrintJson(const Findings& findings, bool verified) {
  std::string out = "{\"folder\":";
  AppendJsonString(findings.folder, out);
  const OpenedSet& opened = findings.opened;
  absl::StrAppend(&out, ",\"clients\":", opened.clients, ",\"log\":{\"groups\":", opened.log_groups,
                  ",\"rows\":", opened.log_rows, ",\"bytes\":", opened.log_bytes,
                  "},\"clients_in_no_file\":", findings.unfiled_clients, ",\"segments\":[");
  const char* comma = "";
  for (const SegmentFinding& one : findings.files) {
    absl::StrAppend(&out, comma, "{\"file\":\"", one.file, "\",\"rows\":", one.rows, ",\"dead_rows\":", one.dead_rows,
                    ",\"file_bytes\":", one.file_bytes, ",\"memory_bytes\":", one.memory_bytes, "}");
    comma = ",";
  }
  absl::StrAppend(&out, "],\"verified\":", verified ? "true" : "false", "}\n");
  std::fwrite(out.data(), 1, out.size(), stdout);
}

}  // namespace

int InspectLive(const InspectSnapshotFlags& flags) {
  SourceFlags source;
  source.load.paths = {flags.folder};
  source.verify = flags.verify ? Verify::kFull : Verify::kLazy;
  const auto opened = OpenLiveSource(source, SetAccess::kRead);
  if (!opened.ok()) {
    PrintError(StdView(opened.status().message()));
    return kExitFailed;
  }
  const Findings findings = Find(*opened->set, flags.folder);
  flags.json ? PrintJson(findings, flags.verify) : PrintTables(findings, flags.verify);
  return std::fflush(stdout) == 0 ? kExitDone : kExitFailed;
}

}  // namespace clientele
