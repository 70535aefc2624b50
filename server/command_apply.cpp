#include "server/command_apply.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>
#include <unistd.h>

#include "engine/live_store.h"
#include "index/absl_view.h"
#include "loader/input_file.h"
#include "loader/input_paths.h"
#include "loader/progress_line.h"
#include "server/apply_files.h"
#include "server/client_source.h"
#include "server/command_line.h"
#include "server/command_load.h"
#include "server/exit_status.h"
#include "server/terminal.h"

namespace clientele {
namespace {

constexpr const char* kHelp =
    "Applies writes to a live set (docs/live.md) without a server. DIR may be new, a live set, or a\n"
    "snapshot, which then becomes a live set. A FILE is NDJSON, plain, gzip or zstd; a folder, a quoted\n"
    "pattern, or - for standard input. Each line is one write, carried out in the order of the lines:\n"
    "\n"
    "  {\"id\": 7, ...}                  a record: replaces the client with its id, or is a new one\n"
    "  {\"_patch\": {...}, \"id\": 7}      a merge patch (RFC 7396) of client 7\n"
    "  {\"_delete\": 7}                  client 7 is marked as deleted\n"
    "  {\"_purge\": 7}                   client 7 is removed for good\n"
    "\n"
    "A line that fails changes nothing and stops nothing: it is shown, and kept in a rejects file.\n"
    "Lines become durable batch by batch. After an interruption the first so many are applied, and\n"
    "everything may be applied again: that ends the same, but that purged clients are missing then.\n"
    "\n"
    "Examples:\n"
    "  clientele apply live clients.ndjson.gz             a new live set, or more clients for one\n"
    "  clientele apply live 'changes/*.zst' --strict      stop at the first line that fails\n"
    "  clientele apply live today.ndjson --dry-run        only say what would happen\n"
    "  jq -c '{_delete: .id}' gone.ndjson | clientele apply live - --atomic\n"
    "\n"
    "Exit status: 0 all applied, 1 some lines failed or were not reached, 2 nothing applied or wrong\n"
    "usage.\n";

struct ApplyFlags {
  std::string folder;
  std::vector<std::string> paths;
  std::string rejects_path;
  bool atomic = false, dry_run = false, strict = false, quiet = false;
  std::uint32_t threads = 0;
};

// Opens the set that DIR means.
absl::StatusOr<ClientSource> OpenSet(const ApplyFlags& flags) {
  if (flags.dry_run && !IsLiveFolder(flags.folder)) {
    return absl::FailedPreconditionError(
        absl::StrCat(flags.folder, ": no live set; a dry run would have to make one. 'clientele load --dry-run' checks records"));
  }
  SourceFlags source;
  source.load.paths = {flags.folder};
  return OpenLiveSource(source, flags.dry_run ? SetAccess::kRead : SetAccess::kWrite,
                        [](const absl::Status& problem) { PrintError(StdView(problem.message())); });
}

absl::StatusOr<std::unique_ptr<RejectLog>> OpenRejects(const ApplyFlags& flags, const std::vector<std::string>& files) {
  RejectLogOptions options{.path = flags.rejects_path, .keep_existing = flags.rejects_path.empty(), .first_only = flags.strict};
  // As for a load: by default only a working directory that can be written to gets a file.
  if (flags.rejects_path.empty() && !flags.strict && ::access(".", W_OK) == 0) options.path = DefaultRejectsPath(files);
  return RejectLog::Create(std::move(options));
}

void TellFailed(const ApplyReport& report, const RejectLog& rejects) {
  if (report.failed == 0) return;
  LoadReport told;
  told.rejected = report.failed;
  told.first_rejects = rejects.first();
  told.causes = rejects.causes().Sorted();
  told.other_causes = rejects.causes().other_count();
  told.rejects_path = rejects.path();
  TellRejects(told, "line");
}

void PrintReport(const ApplyReport& report, const ApplyFlags& flags, const ClientSet& set, double flush_seconds) {
  const auto count = [](const char* name, std::uint64_t number) { absl::PrintF("%-10s %16s\n", name, WithThousands(number)); };
  count("lines", report.lines);
  count("created", report.created);
  count("replaced", report.replaced);
  count("patched", report.patched);
  count("deleted", report.deleted);
  count("purged", report.purged);
  count("failed", report.failed);
  if (report.not_tried > 0) count("not tried", report.not_tried);
  absl::PrintF("%-10s %16s\n", "input", ReadableBytes(report.bytes));
  absl::PrintF("%-10s %16s  %s applying, %s writing files\n", "time", ReadableDuration(report.seconds + flush_seconds),
               ReadableDuration(report.seconds), ReadableDuration(flush_seconds));
  absl::PrintF("%-10s %16s  lines/s\n", "speed",
               WithThousands(static_cast<std::uint64_t>(static_cast<double>(report.lines) / std::max(report.seconds, 1e-9))));
  if (flags.dry_run) {
    absl::PrintF("%-10s %16s  nothing was written\n", "dry run", "");
    return;
  }
  const ClientSetFigures figures = set.figures();
  absl::PrintF("%-10s %16s  clients in %s, %s segments, %s rows of log\n", "set", WithThousands(figures.clients), flags.folder,
               WithThousands(figures.segments), WithThousands(figures.log.log_rows));
}

int ExitStatusOf(const ApplyReport& report) {
  if (report.failed == 0 && report.not_tried == 0 && report.status.ok()) return kExitDone;
  return report.applied() > 0 ? kExitSomeRejected : kExitFailed;
}

int Fail(const absl::Status& status) {
  PrintError(StdView(status.message()));
  return kExitFailed;
}

int RunApply(const ApplyFlags& flags) {
  // What is wrong with the inputs is known before a snapshot becomes a live set.
  const absl::StatusOr<InputPaths> inputs = FindInputs(flags.paths);
  if (!inputs.ok()) return Fail(inputs.status());
  for (const std::string& file : inputs->files) {
    if (const auto size = CheckInputFile(file); !size.ok()) return Fail(size.status());
  }
  if (!flags.quiet) TellSkipped(inputs->skipped);
  const absl::StatusOr<std::unique_ptr<RejectLog>> rejects = OpenRejects(flags, inputs->files);
  if (!rejects.ok()) return Fail(rejects.status());
  const absl::StatusOr<ClientSource> source = OpenSet(flags);
  if (!source.ok()) return Fail(source.status());

  ProgressLine line = ProgressLine::ToStandardError();
  ApplyOptions options{.atomic = flags.atomic, .dry_run = flags.dry_run, .strict = flags.strict, .threads = flags.threads};
  if (!flags.quiet) options.on_progress = [&line](const LoadProgress& progress) { line.Update(progress); };
  const ApplyReport report = ApplyFiles(inputs->files, options, *source->set, **rejects);
  line.Finish();
  if (!flags.quiet || flags.strict) TellFailed(report, **rejects);
  if (!report.status.ok()) PrintError(StdView(report.status.message()));

  const auto flush_began = std::chrono::steady_clock::now();
  // Everything becomes segment files, so that the next start has no log to replay. When that fails, applied lines are in the log:
  // they are safe, and the next start takes longer.
  if (const absl::Status flushed = flags.dry_run || report.applied() == 0 ? absl::OkStatus() : source->set->Flush();
      !flushed.ok()) {
    PrintError(absl::StrCat("what was applied is in the log, but could not be made files: ", flushed.message()));
  }
  PrintReport(report, flags, *source->set, std::chrono::duration<double>(std::chrono::steady_clock::now() - flush_began).count());
  return ExitStatusOf(report);
}

}  // namespace

void AddApplyCommand(CLI::App& app, int& exit_status) {
  CLI::App* const command = app.add_subcommand("apply", "Apply records, patches and deletions from files to a live set");
  command->footer(kHelp);
  const auto flags = std::make_shared<ApplyFlags>();
  command->add_option("dir", flags->folder, "Folder of the live set: new, a live set, or a snapshot")
      ->required()
      ->type_name("DIR");
  command->add_option("files", flags->paths, "Files of lines, folders or patterns; - is standard input")
      ->required()
      ->type_name("FILE");
  command->add_flag("--atomic", flags->atomic, "All lines, visible at once, or none; at most 100,000 lines");
  command->add_flag("--dry-run", flags->dry_run,
                    "Check everything, write nothing; lines see the set as it is, and those just before them");
  command->add_flag("--strict", flags->strict, "Stop at the first line that fails; lines before it are applied");
  command
      ->add_option("--rejects", flags->rejects_path,
                   "File for lines that fail (default: <first input's name>.rejects.ndjson here)")
      ->type_name("FILE");
  command->add_flag("--quiet,-q", flags->quiet, "No progress, no notes, only errors");
  command->add_option("--threads", flags->threads, "Threads that read lines (default: all cores)")
      ->type_name("N")
      ->check(WholeNumber());
  command->callback([flags, &exit_status] { exit_status = RunApply(*flags); });
}

}  // namespace clientele
