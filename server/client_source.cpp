#include "server/client_source.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <absl/strings/str_cat.h>

#include "index/segment.h"
#include "index/snapshot_directory.h"
#include "loader/json_record_reader.h"
#include "server/exit_status.h"
#include "server/terminal.h"

namespace clientele {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kReadAgainMax = 3;

absl::StatusOr<ClientSource> OpenFolder(const std::string& folder, OpenOptions options) {
  const Clock::time_point start = Clock::now();
  const absl::StatusOr<OpenedSegment> opened = OpenSnapshot(folder, options);
  if (!opened.ok()) return opened.status();
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  ClientSource source{.segment = opened->segment, .set = nullptr, .exit_status = kExitDone, .story = {}};
  source.story = absl::StrCat(WithThousands(source.segment->row_count()), " clients in ", ReadableDuration(seconds),
                              ", from a snapshot of ", ReadableBytes(opened->table.header().file_bytes),
                              options.verify == Verify::kFull ? ", all of it verified" : ", to be verified when first used");
  return source;
}

absl::StatusOr<ClientSource> LoadAll(const LoadFlags& flags) {
  const absl::StatusOr<LoadReport> report = LoadWithProgress(flags);
  if (!report.ok()) return report.status();
  // Without a single good record an empty list would be a lie.
  if (ExitStatusOf(*report) == kExitFailed) return absl::InvalidArgumentError("no record could be loaded");
  ClientSource source{.segment = report->segment, .set = nullptr, .exit_status = ExitStatusOf(*report), .story = {}};
  source.story =
      absl::StrCat(WithThousands(report->records), " clients in ", ReadableDuration(report->parse_seconds + report->seal_seconds),
                   ", ", ReadableBytes(report->bytes), " of input in ", ReadableBytes(MemoryOf(*report->segment)), " of memory");
  return source;
}

}  // namespace

void AddSourceFlags(CLI::App& command, SourceFlags& flags) {
  AddLoadFlags(command, flags.load);
  static const std::map<std::string, Verify> modes = {{"full", Verify::kFull}, {"lazy", Verify::kLazy}};
  command
      .add_option(
          "--verify", flags.verify,
          "When a snapshot's checksums are verified: full, before it is used (default), or lazy, part by part at first use")
      ->type_name("MODE")
      ->transform(CLI::CheckedTransformer(modes, CLI::ignore_case).description(""));
}

absl::StatusOr<ClientSource> OpenSource(const SourceFlags& flags, std::function<void(const absl::Status&)> on_damage) {
  if (IsLiveSource(flags)) return OpenLiveSource(flags, SetAccess::kRead, std::move(on_damage));
  const auto folder = std::ranges::find_if(flags.load.paths, IsSnapshotDirectory);
  if (folder == flags.load.paths.end()) return LoadAll(flags.load);
  if (flags.load.paths.size() > 1)
    return absl::InvalidArgumentError(
        absl::StrCat(*folder, ": a snapshot can only be used alone, not together with other paths"));
  return OpenFolder(*folder, {.verify = flags.verify, .on_damage = std::move(on_damage)});
}

bool IsLiveSource(const SourceFlags& flags) {
  return flags.load.paths.size() == 1 && IsLiveFolder(flags.load.paths[0]);
}

absl::StatusOr<ClientSource> OpenLiveSource(const SourceFlags& flags, SetAccess access,
                                            std::function<void(const absl::Status&)> on_problem) {
  if (flags.load.paths.size() != 1) return absl::InvalidArgumentError("a live set is one folder");
  ClientSetOptions options = flags.set;
  options.new_reader = NewJsonRecordReader;
  options.verify = flags.verify;
  options.store.read_only = access == SetAccess::kRead;
  options.on_damage = on_problem;
  options.maintenance.on_problem = std::move(on_problem);
  auto opened = ClientSet::Open(flags.load.paths[0], options);
  // A writer beside may merge files away between the reading of their names and their opening; then there are others.
  for (int again = 0; !opened.ok() && access == SetAccess::kRead && again < kReadAgainMax; ++again) {
    if (!absl::IsDataLoss(opened.status()) && !absl::IsNotFound(opened.status())) break;
    opened = ClientSet::Open(flags.load.paths[0], options);
  }
  if (!opened.ok()) return opened.status();
  ClientSource source{.segment = nullptr, .set = *std::move(opened), .exit_status = kExitDone, .story = {}};
  const OpenedSet& found = source.set->opened();
  source.story =
      absl::StrCat(WithThousands(found.clients), " clients in ", ReadableDuration(found.seconds), ", a live set of ",
                   WithThousands(found.segments), found.segments == 1 ? " segment and " : " segments and ",
                   WithThousands(found.log_rows), " rows of log, replayed in ", ReadableDuration(found.replay_seconds));
  if (found.files_removed > 0) absl::StrAppend(&source.story, "; ", found.files_removed, " unfinished files were removed");
  return source;
}

Snapshot TakeSnapshot(const ClientSource& source, const Query& query) {
  return source.set != nullptr ? source.set->Take(query) : SnapshotOf(source.segment);
}

std::uint64_t MemoryOf(const Segment& segment) {
  std::uint64_t bytes = 0;
  for (const PartBytes& part : segment.Ledger()) bytes += part.bytes;
  return bytes;
}

}  // namespace clientele
