#include "server/command_load.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>
#include <unistd.h>

#include "index/absl_view.h"
#include "index/segment.h"
#include "index/snapshot_directory.h"
#include "loader/input_paths.h"
#include "loader/mapping_file.h"
#include "loader/mapping_translator.h"
#include "loader/progress_line.h"
#include "server/command_line.h"
#include "server/exit_status.h"
#include "server/reject_text.h"
#include "server/save_snapshot.h"
#include "server/terminal.h"

namespace clientele {
namespace {

constexpr const char* kHelp =
    "Checks the records strictly and tells how many there are, how fast they came in and what they\n"
    "take in memory. Inputs are NDJSON (one record a line), one JSON array, or a table (CSV, TSV)\n"
    "with a header row, each plain, gzip or zstd: all of this is recognised by content. A PATH is a\n"
    "file, a folder, a quoted pattern, or - for standard input; several inputs are one load.\n"
    "Refused records go to a rejects file. docs/loading.md has the formats and all rules.\n"
    "\n"
    "Examples:\n"
    "  clientele load clients.ndjson                   check a file\n"
    "  clientele load a.ndjson.gz b.csv --memory       several inputs, memory by part\n"
    "  clientele load exports/ 'more/part-*.zst'       a folder and a pattern\n"
    "  clientele load clients.ndjson --out snapshot    keep the index: clientele serve snapshot\n"
    "  zcat a.gz | clientele load - --strict           standard input, stop at the first bad record\n"
    "  clientele load clients.csv --dry-run            only say what is wrong with it\n"
    "\n"
    "Exit status: 0 all loaded, 1 some records refused, 2 nothing loaded or wrong usage.\n";

constexpr std::size_t kShownRejects = 5, kShownCauses = 10, kShownSkipped = 5;

void PrintReport(const LoadReport& report, bool by_part) {
  const double seconds = report.parse_seconds + report.seal_seconds;
  std::uint64_t total = 0, hot = 0;
  const std::vector<PartBytes> ledger = report.segment != nullptr ? report.segment->Ledger() : std::vector<PartBytes>();
  for (const PartBytes& part : ledger) {
    total += part.bytes;
    if (part.hot) hot += part.bytes;
  }
  const double clients = std::max<double>(static_cast<double>(report.records), 1);
  absl::PrintF("records    %16s\n", WithThousands(report.records));
  absl::PrintF("rejected   %16s\n", WithThousands(report.rejected));
  absl::PrintF("input      %16s  %.0f bytes a record\n", ReadableBytes(report.bytes),
               static_cast<double>(report.bytes) / std::max<double>(static_cast<double>(report.records + report.rejected), 1));
  absl::PrintF("time       %16s  %s reading, %s sealing\n", ReadableDuration(seconds), ReadableDuration(report.parse_seconds),
               ReadableDuration(report.seal_seconds));
  absl::PrintF("speed      %16s  clients/s\n",
               WithThousands(static_cast<std::uint64_t>(static_cast<double>(report.records) / std::max(seconds, 1e-9))));
  if (report.segment == nullptr) {
    absl::PrintF("dry run    %16s  nothing was kept\n", "");
    return;
  }
  absl::PrintF("memory     %16s  %.1f bytes a client, %.1f of them hot index; %.1f %% of the input\n", ReadableBytes(total),
               static_cast<double>(total) / clients, static_cast<double>(hot) / clients,
               100 * static_cast<double>(total) / std::max<double>(static_cast<double>(report.bytes), 1));
  if (!by_part) return;
  absl::PrintF("\n%16s  %14s  part\n", "memory", "bytes a client");
  for (const PartBytes& part : ledger) {
    absl::PrintF("%16s  %14.1f  %s%s\n", ReadableBytes(part.bytes), static_cast<double>(part.bytes) / clients, part.part,
                 part.hot ? " (hot)" : "");
  }
}

struct LoadCommandFlags {
  LoadFlags load;
  bool by_part = false;
  std::string out;  // Folder of the snapshot to write; empty for none.
};

int RunLoad(const LoadCommandFlags& flags) {
  if (const auto snapshot = std::ranges::find_if(flags.load.paths, IsSnapshotDirectory); snapshot != flags.load.paths.end()) {
    PrintError(absl::StrCat(*snapshot, ": a snapshot is not loaded but opened, by query, serve and inspect"));
    return kExitFailed;
  }
  // What cannot be written is known before a long load, not after it.
  if (const absl::Status status = flags.out.empty() ? absl::OkStatus() : PrepareSnapshotDirectory(flags.out); !status.ok()) {
    PrintError(StdView(status.message()));
    return kExitFailed;
  }
  const absl::StatusOr<LoadReport> report = LoadWithProgress(flags.load);
  if (!report.ok()) {
    PrintError(StdView(report.status().message()));
    return kExitFailed;
  }
  PrintReport(*report, flags.by_part);
  if (!flags.out.empty() && report->records > 0) {
    const absl::StatusOr<std::string> saved = SaveWithProgress(*report, flags.out, flags.load.quiet);
    if (!saved.ok()) {
      PrintError(StdView(saved.status().message()));
      return kExitFailed;
    }
    absl::PrintF("%s\n", *saved);
  }
  return ExitStatusOf(*report);
}

}  // namespace

void TellRejects(const LoadReport& report, const std::string& what) {
  std::string text = absl::StrCat("clientele: ", WithThousands(report.rejected), " ", what,
                                  report.rejected == 1 ? " was refused" : "s were refused",
                                  report.rejects_path.empty() ? "" : absl::StrCat(", all in ", report.rejects_path),
                                  report.rejected > 1 ? "; the first:\n" : ":\n");
  for (std::size_t i = 0; i < std::min(report.first_rejects.size(), kShownRejects); ++i)
    text += RejectText(report.first_rejects[i]);
  if (report.rejected > 1) absl::StrAppend(&text, "causes:\n", CauseTable(report, kShownCauses));
  std::fputs(text.c_str(), stderr);
}

void TellSkipped(const std::vector<std::string>& skipped) {
  for (std::size_t i = 0; i < std::min(skipped.size(), kShownSkipped); ++i) PrintError("skipped " + skipped[i]);
  if (skipped.size() > kShownSkipped) PrintError(absl::StrCat("skipped ", skipped.size() - kShownSkipped, " more"));
}

void AddLoadFlags(CLI::App& command, LoadFlags& flags, const std::string& format_option) {
  command.add_option("paths", flags.paths, "Files of client records, folders or patterns; - is standard input")
      ->required()
      ->type_name("PATH");
  command
      .add_option_function<std::string>(
          format_option, [&flags](const std::string& name) { flags.format = *FindInputFormat(name); },
          "Format of all inputs: ndjson, json, csv or tsv (default: by content)")
      ->type_name("FORMAT")
      ->check(CLI::Validator(
          [](const std::string& name) {
            return FindInputFormat(name) ? std::string() : "expected ndjson, json, csv or tsv, got '" + name + "'";
          },
          ""));
  command
      .add_option("--rejects", flags.rejects_path, "File for refused records (default: <first input's name>.rejects.ndjson here)")
      ->type_name("FILE");
  command.add_option("--map", flags.map_path, "Mapping file: the records are of a foreign shape, see docs/mapping.md")
      ->type_name("FILE");
  command.add_flag("--strict", flags.strict, "Stop at the first bad record");
  command.add_option("--max-rejects", flags.rejects_max, "Stop when more than N records are refused")
      ->type_name("N")
      ->check(WholeNumber());
  command
      .add_option_function<std::string>(
          "--memory-limit",
          [&flags](const std::string& text) { flags.memory_limit = *ParseMemoryLimit(text, MachineMemoryBytes()); },
          "Refuse what would take more memory: 8G, 800M, or 80% of the machine's (default: all of it)")
      ->type_name("SIZE")
      ->check(CLI::Validator(
          [](const std::string& text) { return std::string(ParseMemoryLimit(text, MachineMemoryBytes()).status().message()); },
          ""));
  command.add_flag("--quiet,-q", flags.quiet, "No progress, no notes, only errors");
  command.add_option("--load-threads", flags.threads, "Threads that load (default: all cores)")
      ->type_name("N")
      ->check(WholeNumber());
}

const std::vector<std::string_view>& LoadOptionNames() {
  static const std::vector<std::string_view> names = {"input-format", "map",          "rejects",      "strict",
                                                      "max-rejects",  "memory-limit", "load-threads", "quiet"};
  return names;
}

std::string DefaultRejectsPath(const std::vector<std::string>& paths) {
  std::filesystem::path first = paths.empty() ? "" : paths.front();
  if (!first.has_filename()) first = first.parent_path();  // Of a folder: `data/`.
  const std::string name = first.filename().string();
  return (name.empty() || name == "-" || name == "." || name == ".." ? std::string("stdin") : name) + ".rejects.ndjson";
}

absl::StatusOr<LoadReport> LoadWithProgress(const LoadFlags& flags) {
  absl::StatusOr<InputPaths> inputs = FindInputs(flags.paths);
  if (!inputs.ok()) return inputs.status();
  if (!flags.quiet) TellSkipped(inputs->skipped);
  LoadOptions options{.rejects_path = flags.rejects_path,
                      .strict = flags.strict,
                      .rejects_max = flags.rejects_max,
                      .dry_run = flags.dry_run,
                      .threads = flags.threads,
                      .memory_limit = flags.memory_limit,
                      .format = flags.format,
                      .on_progress = {}};
  if (!flags.map_path.empty()) {
    absl::StatusOr<std::shared_ptr<const Mapping>> mapping = ReadMapping(flags.map_path);
    if (!mapping.ok()) return mapping.status();
    options.new_translator = TranslatorsFor(*std::move(mapping));
  }
  // By default only a working directory that can be written to gets a file, and nothing of an earlier run is touched.
  options.keep_existing_rejects = flags.rejects_path.empty();
  if (flags.rejects_path.empty() && !flags.strict && ::access(".", W_OK) == 0)
    options.rejects_path = DefaultRejectsPath(inputs->files);
  ProgressLine line = ProgressLine::ToStandardError();
  if (!flags.quiet) options.on_progress = [&line](const LoadProgress& progress) { line.Update(progress); };
  std::string source;  // Of the reject that a strict load ends with.
  options.on_rejects = [&](const LoadReport& report) {
    line.Finish();
    if (flags.strict) {
      source = report.first_rejects.empty() ? "" : SourceText(report.first_rejects.front());
    } else if (!flags.quiet) {
      TellRejects(report);
    }
  };
  absl::StatusOr<LoadReport> report = LoadFiles(inputs->files, options);
  line.Finish();
  if (report.ok() || source.empty()) return report;
  source.pop_back();
  return absl::Status(report.status().code(), absl::StrCat(report.status().message(), "\n", source));
}

int ExitStatusOf(const LoadReport& report) {
  if (report.rejected == 0) return kExitDone;
  return report.records > 0 ? kExitSomeRejected : kExitFailed;
}

void AddLoadCommand(CLI::App& app, int& exit_status) {
  CLI::App* command = app.add_subcommand("load", "Load and check client records, and report");
  command->footer(kHelp);
  auto flags = std::make_shared<LoadCommandFlags>();
  AddLoadFlags(*command, flags->load, "--format,--input-format");
  command->add_flag("--dry-run", flags->load.dry_run, "Check everything, duplicates too, but keep nothing");
  command->add_flag("--memory", flags->by_part, "Show the memory of every part");
  command->add_option("--out", flags->out, "Write the indexed clients to this folder, to be served without loading")
      ->type_name("FOLDER")
      ->excludes("--dry-run");
  command->callback([flags, &exit_status] { exit_status = RunLoad(*flags); });
}

}  // namespace clientele
