#include "server/save_snapshot.h"

#include <chrono>

#include <absl/strings/str_format.h>

#include "index/snapshot_directory.h"
#include "loader/progress_line.h"
#include "server/terminal.h"

namespace clientele {

using Clock = std::chrono::steady_clock;

absl::StatusOr<std::string> SaveWithProgress(const LoadReport& report, const std::string& folder, bool quiet) {
  const Clock::time_point start = Clock::now();
  Clock::time_point shown = start;
  ProgressLine line = ProgressLine::ToStandardError();
  LoadProgress progress;
  progress.phase = kWritePhase;
  progress.records = report.records;
  progress.rejected = report.rejected;
  const auto on_progress = [&](double fraction) {
    const Clock::time_point now = Clock::now();
    if (quiet || now - shown < std::chrono::milliseconds(200)) return;
    shown = now;
    progress.phase_fraction = fraction;
    progress.phase_seconds = std::chrono::duration<double>(now - start).count();
    progress.seconds = report.parse_seconds + report.seal_seconds + progress.phase_seconds;
    line.Update(progress);
  };
  const absl::StatusOr<SegmentFile> saved = SaveSnapshot(*report.segment, folder, on_progress);
  line.Finish();
  if (!saved.ok()) return saved.status();
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  return absl::StrFormat("snapshot   %16s  in %s, written in %s, %.0f MB/s", ReadableBytes(saved->bytes), folder,
                         ReadableDuration(seconds), static_cast<double>(saved->bytes) / 1e6 / std::max(seconds, 1e-9));
}

}  // namespace clientele
