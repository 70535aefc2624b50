#include "loader/load.h"

#include <algorithm>
#include <chrono>

#include <absl/strings/str_cat.h>
#include <sys/stat.h>

#include "index/segment_builder.h"
#include "loader/read_records.h"

namespace clientele {
namespace {

using Clock = std::chrono::steady_clock;

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Makes one batch of each block.
class SegmentSink : public RecordSink {
 public:
  explicit SegmentSink(SegmentBuilder& builder) : builder_(builder) {}

  std::unique_ptr<Worker> NewWorker() override { return std::make_unique<SegmentWorker>(builder_); }

 private:
  class SegmentWorker : public Worker {
   public:
    explicit SegmentWorker(SegmentBuilder& builder) : builder_(builder), batch_(builder.shared()) {}

    void Append(const ClientRecord& record) override { batch_.Append(record); }
    void EndBlock(std::uint64_t sequence) override {
      if (batch_.size() == 0) return;
      builder_.Add(sequence, std::move(batch_));
      batch_ = SegmentBatch(builder_.shared());
    }

   private:
    SegmentBuilder& builder_;
    SegmentBatch batch_;
  };

  SegmentBuilder& builder_;
};

// The rejects file must not be one of the inputs: creating it would empty that.
absl::Status CheckRejectsPath(const std::string& rejects_path, const std::vector<std::string>& paths) {
  struct stat rejects {};
  if (rejects_path.empty() || stat(rejects_path.c_str(), &rejects) != 0) return absl::OkStatus();
  for (const std::string& path : paths) {
    struct stat input {};
    if (path != "-" && stat(path.c_str(), &input) == 0 && input.st_dev == rejects.st_dev && input.st_ino == rejects.st_ino) {
      return absl::InvalidArgumentError(absl::StrCat(rejects_path, ": the rejects file is also an input"));
    }
  }
  return absl::OkStatus();
}

Reject DuplicateReject(const DuplicateId& duplicate, const LineMap::Place& place, const std::vector<std::string>& paths) {
  return {.file = paths[place.file] == "-" ? "stdin" : paths[place.file],
          .line = place.line,
          .pointer = "/id",
          .value = absl::StrCat(duplicate.id),
          .expected = "an id that no earlier record has"};
}

// The first rejects of both kinds, in input order.
class FirstRejects {
 public:
  explicit FirstRejects(const std::vector<std::string>& paths) : paths_(paths) {}

  void Add(Reject reject) {
    const auto file =
        std::ranges::find_if(paths_, [&](const std::string& path) { return (path == "-" ? "stdin" : path) == reject.file; });
    found_.push_back({file - paths_.begin(), std::move(reject)});
  }

  std::vector<Reject> Sorted() && {
    std::ranges::stable_sort(found_, {}, [](const Found& found) { return std::pair(found.file, found.reject.line); });
    std::vector<Reject> rejects;
    for (Found& found : found_) {
      if (rejects.size() < kFirstRejects) rejects.push_back(std::move(found.reject));
    }
    return rejects;
  }

 private:
  struct Found {
    std::ptrdiff_t file;
    Reject reject;
  };
  const std::vector<std::string>& paths_;
  std::vector<Found> found_;
};

// Reports the seal's phases as the reading was reported: a few times a second.
class SealReporter {
 public:
  SealReporter(const LoadOptions& options, LoadProgress progress, Clock::time_point start)
      : options_(options), progress_(progress), start_(start) {}

  void operator()(std::string_view phase, double fraction) {
    if (!options_.on_progress) return;
    const Clock::time_point now = Clock::now();
    const bool is_due = phase != progress_.phase || fraction >= 1 || now - last_ > std::chrono::milliseconds(200);
    if (!is_due) return;
    last_ = now;
    progress_.phase = phase;
    progress_.seal_fraction = fraction;
    progress_.seconds = std::chrono::duration<double>(now - start_).count();
    options_.on_progress(progress_);
  }

 private:
  const LoadOptions& options_;
  LoadProgress progress_;
  Clock::time_point start_, last_;
};

}  // namespace

absl::StatusOr<LoadReport> LoadFiles(const std::vector<std::string>& paths, const LoadOptions& options) {
  if (const absl::Status status = CheckRejectsPath(options.rejects_path, paths); !status.ok()) return status;
  const absl::StatusOr<std::unique_ptr<RejectLog>> created =
      RejectLog::Create(options.rejects_path, /*first_only=*/options.strict);
  if (!created.ok()) return created.status();
  RejectLog& rejects = **created;
  LineMap lines;
  SegmentBuilder builder;
  SegmentSink sink(builder);

  const Clock::time_point start = Clock::now();
  LoadProgress progress;
  ReadOptions read_options{.strict = options.strict,
                           .threads = options.threads,
                           .limits = {},
                           .on_progress = {},
                           .new_translator = options.new_translator};
  if (options.on_progress) {
    read_options.on_progress = [&](const LoadProgress& now) {
      progress = now;
      options.on_progress(now);
    };
  }
  const absl::StatusOr<ReadCounts> counts = ReadRecords(paths, read_options, sink, rejects, lines);
  if (!counts.ok()) return counts.status();
  if (options.strict && rejects.count() > 0) return absl::InvalidArgumentError(rejects.first().front().ToString());
  LoadReport report{.segment = nullptr, .records = counts->records, .rejected = 0, .bytes = counts->bytes, .first_rejects = {}};
  report.parse_seconds = SecondsSince(start);

  const Clock::time_point seal_start = Clock::now();
  SealResult sealed = std::move(builder).Seal(SealReporter(options, progress, start));
  report.seal_seconds = SecondsSince(seal_start);
  report.segment = std::move(sealed.segment);
  report.records -= sealed.duplicates.size();

  FirstRejects first(paths);
  for (Reject& reject : rejects.first()) first.Add(std::move(reject));
  for (std::size_t i = 0; i < sealed.duplicates.size(); ++i) {
    const DuplicateId& duplicate = sealed.duplicates[i];
    Reject reject = DuplicateReject(duplicate, lines.Find(duplicate.sequence, duplicate.index_in_batch), paths);
    rejects.AddLate(reject, duplicate.json);
    if (i < kFirstRejects) first.Add(std::move(reject));
  }
  if (const absl::Status status = rejects.status(); !status.ok()) return status;
  report.rejected = rejects.count();
  report.first_rejects = std::move(first).Sorted();
  if (options.strict && report.rejected > 0) return absl::InvalidArgumentError(report.first_rejects.front().ToString());
  return report;
}

}  // namespace clientele
