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
#include "loader/progress_line.h"
#include "server/command_line.h"
#include "server/exit_status.h"
#include "server/terminal.h"

namespace clientele {
namespace {

constexpr const char* kHelp =
    "Checks the records strictly and tells how many there are, how fast they came in and what they\n"
    "take in memory. Inputs are NDJSON (one record a line) or one JSON array each,\n"
    "plain or gzip; several inputs are one load. Refused records go to a rejects file.\n"
    "\n"
    "Examples:\n"
    "  clientele load clients.ndjson                   check a file\n"
    "  clientele load a.ndjson.gz b.json --memory      several inputs, memory by part\n"
    "  zcat a.gz | clientele load - --strict           standard input, stop at the first bad record\n"
    "\n"
    "Exit status: 0 all loaded, 1 some records refused, 2 nothing loaded or wrong usage.\n";

void TellRejects(const LoadReport& report, const std::string& rejects_path) {
  if (report.rejected == 0) return;
  PrintError(absl::StrCat(WithThousands(report.rejected), report.rejected == 1 ? " record was refused" : " records were refused",
                          rejects_path.empty() ? "" : absl::StrCat(" and written to ", rejects_path),
                          report.rejected > 1 ? "; the first:" : ":"));
  for (const Reject& reject : report.first_rejects) std::fprintf(stderr, "  %s\n", reject.ToString().c_str());
}

void PrintReport(const LoadReport& report, bool by_part) {
  const double seconds = report.parse_seconds + report.seal_seconds;
  std::uint64_t total = 0, hot = 0;
  const std::vector<PartBytes> ledger = report.segment->Ledger();
  for (const PartBytes& part : ledger) {
    total += part.bytes;
    if (part.hot) hot += part.bytes;
  }
  const double clients = std::max<double>(static_cast<double>(report.records), 1);
  absl::PrintF("records    %16s\n", WithThousands(report.records));
  absl::PrintF("rejected   %16s\n", WithThousands(report.rejected));
  absl::PrintF("JSON       %16s  %.0f bytes a record\n", ReadableBytes(report.bytes),
               static_cast<double>(report.bytes) / std::max<double>(static_cast<double>(report.records + report.rejected), 1));
  absl::PrintF("time       %16s  %s reading, %s sealing\n", ReadableDuration(seconds), ReadableDuration(report.parse_seconds),
               ReadableDuration(report.seal_seconds));
  absl::PrintF("speed      %16s  clients/s\n",
               WithThousands(static_cast<std::uint64_t>(static_cast<double>(report.records) / std::max(seconds, 1e-9))));
  absl::PrintF("memory     %16s  %.1f bytes a client, %.1f of them hot index; %.1f %% of the JSON\n", ReadableBytes(total),
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
};

int RunLoad(const LoadCommandFlags& flags) {
  const absl::StatusOr<LoadReport> report = LoadWithProgress(flags.load);
  if (!report.ok()) {
    PrintError(StdView(report.status().message()));
    return kExitFailed;
  }
  PrintReport(*report, flags.by_part);
  return ExitStatusOf(*report);
}

}  // namespace

void AddLoadFlags(CLI::App& command, LoadFlags& flags) {
  command.add_option("paths", flags.paths, "Files of client records; - is standard input")->required()->type_name("PATH");
  command
      .add_option("--rejects", flags.rejects_path, "File for refused records (default: <first PATH's name>.rejects.ndjson here)")
      ->type_name("FILE");
  command.add_flag("--strict", flags.strict, "Stop at the first bad record");
  command.add_flag("--quiet,-q", flags.quiet, "No progress, no notes");
  command.add_option("--load-threads", flags.threads, "Threads that load (default: all cores)")
      ->type_name("N")
      ->check(WholeNumber());
}

std::string DefaultRejectsPath(const std::vector<std::string>& paths) {
  const std::string name = paths.empty() ? "" : std::filesystem::path(paths.front()).filename().string();
  return (name.empty() || name == "-" ? std::string("stdin") : name) + ".rejects.ndjson";
}

absl::StatusOr<LoadReport> LoadWithProgress(const LoadFlags& flags) {
  LoadOptions options{.rejects_path = flags.rejects_path, .strict = flags.strict, .threads = flags.threads, .on_progress = {}};
  // By default only a working directory that can be written to gets a file, and only as long as there is something in it.
  const bool by_default = flags.rejects_path.empty() && !flags.strict && ::access(".", W_OK) == 0;
  if (by_default) options.rejects_path = DefaultRejectsPath(flags.paths);
  ProgressLine line = ProgressLine::ToStandardError();
  if (!flags.quiet) options.on_progress = [&line](const LoadProgress& progress) { line.Update(progress); };
  absl::StatusOr<LoadReport> report = LoadFiles(flags.paths, options);
  line.Finish();
  if (by_default && (!report.ok() || report->rejected == 0)) ::unlink(options.rejects_path.c_str());
  if (report.ok() && !flags.quiet) TellRejects(*report, options.rejects_path);
  return report;
}

int ExitStatusOf(const LoadReport& report) {
  if (report.rejected == 0) return kExitDone;
  return report.records > 0 ? kExitSomeRejected : kExitFailed;
}

void AddLoadCommand(CLI::App& app, int& exit_status) {
  CLI::App* command = app.add_subcommand("load", "Load and check client records, and report");
  command->footer(kHelp);
  auto flags = std::make_shared<LoadCommandFlags>();
  AddLoadFlags(*command, flags->load);
  command->add_flag("--memory", flags->by_part, "Show the memory of every part");
  command->callback([flags, &exit_status] { exit_status = RunLoad(*flags); });
}

}  // namespace clientele
