#include "loader/load.h"

#include <algorithm>
#include <chrono>

#include <absl/strings/str_cat.h>
#include <sys/stat.h>

#include "index/segment_builder.h"
#include "loader/dry_run.h"
#include "loader/memory_limit.h"
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
  SegmentSink(SegmentBuilder& builder, const LoadOptions& options) : builder_(builder), options_(options) {}

  std::unique_ptr<Worker> NewWorker() override { return std::make_unique<SegmentWorker>(*this); }

  absl::Status CheckFits(std::uint64_t buffer_bytes) const {
    if (options_.memory_limit == 0) return absl::OkStatus();
    const BuilderMemory held = builder_.memory();
    const std::uint64_t peak = EstimatePeakBytes(held, buffer_bytes);
    if (peak <= options_.memory_limit) return absl::OkStatus();
    return absl::ResourceExhaustedError(absl::StrCat(
        "memory limit of ", BinaryBytes(options_.memory_limit), ": reached at about record ", held.clients, ", when ",
        BinaryBytes(held.columns + held.records + held.dictionaries), " were held and sealing them would have taken ",
        BinaryBytes(peak), " in all; nothing was loaded. Raise --memory-limit or load less at a time"));
  }

 private:
  class SegmentWorker : public Worker {
   public:
    explicit SegmentWorker(SegmentSink& sink) : sink_(sink), batch_(sink.builder_.shared()) {}

    void Append(const ClientRecord& record) override { batch_.Append(record); }
    absl::Status EndBlock(std::uint64_t sequence, std::uint64_t buffer_bytes) override {
      if (batch_.size() == 0) return absl::OkStatus();
      sink_.builder_.Add(sequence, std::move(batch_));
      batch_ = SegmentBatch(sink_.builder_.shared());
      return sink_.CheckFits(buffer_bytes);
    }

   private:
    SegmentSink& sink_;
    SegmentBatch batch_;
  };

  SegmentBuilder& builder_;
  const LoadOptions& options_;
};

// The rejects file must not be one of the inputs: creating it would empty that.
absl::Status CheckRejectsPath(const LoadOptions& options, const std::vector<std::string>& paths) {
  const std::string& rejects_path = options.rejects_path;
  struct stat rejects {};
  if (rejects_path.empty() || options.keep_existing_rejects || stat(rejects_path.c_str(), &rejects) != 0) return absl::OkStatus();
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
          .line = place.is_element ? 0 : place.line,
          .element = place.is_element ? place.line : 0,
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

  std::vector<Reject> Sorted() const {
    std::vector<Found> sorted = found_;
    std::ranges::stable_sort(sorted, {}, [](const Found& found) {
      const Reject& reject = found.reject;
      return std::pair(found.file, reject.element != 0 ? reject.element : reject.line);
    });
    std::vector<Reject> rejects;
    for (Found& found : sorted) {
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

// Which phase of a load a phase of the seal belongs to.
std::string_view PhaseOf(std::string_view seal_phase) {
  if (seal_phase == "value bitmaps") return kDictionariesPhase;
  return seal_phase == "records" || seal_phase == "done" ? kWritePhase : kSortPhase;
}

// Reports the seal's phases as the reading was reported: a few times a second.
class SealReporter {
 public:
  SealReporter(const LoadOptions& options, const LoadProgress& progress, Clock::time_point start)
      : options_(options), progress_(progress), start_(start) {}

  void operator()(std::string_view phase, double fraction) {
    if (!options_.on_progress) return;
    const Clock::time_point now = Clock::now();
    const bool is_due = phase != progress_.detail || fraction >= 1 || now - last_ > std::chrono::milliseconds(200);
    if (!is_due) return;
    last_ = now;
    progress_.phase = PhaseOf(phase);
    progress_.detail = phase == "done" ? std::string_view() : phase;
    progress_.phase_fraction = fraction;
    progress_.phase_seconds = std::chrono::duration<double>(now - seal_start_).count();
    progress_.seconds = std::chrono::duration<double>(now - start_).count();
    options_.on_progress(progress_);
  }

 private:
  const LoadOptions& options_;
  LoadProgress progress_;
  Clock::time_point start_, last_;
  const Clock::time_point seal_start_ = Clock::now();
};

// One call of LoadFiles.
class Load {
 public:
  Load(const std::vector<std::string>& paths, const LoadOptions& options, RejectLog& rejects)
      : paths_(paths), options_(options), rejects_(rejects), first_(paths) {}

  absl::StatusOr<LoadReport> Run() {
    absl::Status status = options_.dry_run ? Try() : Build();
    ReportRejects();
    if (!status.ok()) return status;
    return std::move(report_);
  }

 private:
  absl::Status Build();
  absl::Status Try();
  absl::Status Read(RecordSink& sink);
  absl::Status AddDuplicates(const std::vector<DuplicateId>& duplicates);
  absl::Status CheckRejects() const;
  void ReportRejects();

  const std::vector<std::string>& paths_;
  const LoadOptions& options_;
  RejectLog& rejects_;
  LineMap lines_;
  FirstRejects first_;
  const Clock::time_point start_ = Clock::now();
  LoadProgress progress_;
  LoadReport report_;
};

absl::Status Load::Read(RecordSink& sink) {
  ReadOptions read_options{.strict = options_.strict,
                           .threads = options_.threads,
                           .limits = {.format = options_.format},
                           .on_progress = {},
                           .new_translator = options_.new_translator};
  if (options_.on_progress) {
    read_options.on_progress = [&](const LoadProgress& now) {
      progress_ = now;
      options_.on_progress(now);
    };
  }
  const absl::StatusOr<ReadCounts> counts = ReadRecords(paths_, read_options, sink, rejects_, lines_);
  report_.parse_seconds = SecondsSince(start_);
  for (Reject& reject : rejects_.first()) first_.Add(std::move(reject));
  if (!counts.ok()) return counts.status();
  report_.records = counts->records;
  report_.bytes = counts->bytes;
  return CheckRejects();
}

absl::Status Load::Build() {
  SegmentBuilder builder;
  SegmentSink sink(builder, options_);
  if (absl::Status status = Read(sink); !status.ok()) return status;
  const Clock::time_point seal_start = Clock::now();
  SealResult sealed = std::move(builder).Seal(SealReporter(options_, progress_, start_));
  report_.seal_seconds = SecondsSince(seal_start);
  report_.segment = std::move(sealed.segment);
  return AddDuplicates(sealed.duplicates);
}

absl::Status Load::Try() {
  DryRunSink sink;
  if (absl::Status status = Read(sink); !status.ok()) return status;
  return AddDuplicates(sink.TakeDuplicates());
}

absl::Status Load::AddDuplicates(const std::vector<DuplicateId>& duplicates) {
  report_.records -= duplicates.size();
  for (std::size_t i = 0; i < duplicates.size(); ++i) {
    const DuplicateId& duplicate = duplicates[i];
    Reject reject = DuplicateReject(duplicate, lines_.Find(duplicate.sequence, duplicate.index_in_batch), paths_);
    rejects_.AddLate(reject, duplicate.json);
    if (i < kFirstRejects) first_.Add(std::move(reject));
  }
  return CheckRejects();
}

absl::Status Load::CheckRejects() const {
  if (absl::Status status = rejects_.status(); !status.ok()) return status;
  if (rejects_.is_full())
    return absl::AbortedError(absl::StrCat("more than ", options_.rejects_max,
                                           options_.rejects_max == 1 ? " record was" : " records were",
                                           " refused: stopped, nothing was loaded"));
  if (options_.strict && rejects_.count() > 0) return absl::InvalidArgumentError(first_.Sorted().front().ToString());
  return absl::OkStatus();
}

void Load::ReportRejects() {
  report_.rejected = rejects_.count();
  if (report_.rejected == 0) return;
  report_.first_rejects = first_.Sorted();
  const RejectCauses causes = rejects_.causes();
  report_.causes = causes.Sorted();
  report_.other_causes = causes.other_count();
  report_.rejects_path = rejects_.path();
  if (options_.on_rejects) options_.on_rejects(report_);
}

}  // namespace

absl::StatusOr<LoadReport> LoadFiles(const std::vector<std::string>& paths, const LoadOptions& options) {
  if (const absl::Status status = CheckRejectsPath(options, paths); !status.ok()) return status;
  if (options.memory_limit != 0) {
    if (const absl::Status status = CheckFitsBeforeReading(paths, options.memory_limit); !status.ok()) return status;
  }
  const absl::StatusOr<std::unique_ptr<RejectLog>> rejects = RejectLog::Create({.path = options.rejects_path,
                                                                                .keep_existing = options.keep_existing_rejects,
                                                                                .first_only = options.strict,
                                                                                .count_max = options.rejects_max});
  if (!rejects.ok()) return rejects.status();
  return Load(paths, options, **rejects).Run();
}

}  // namespace clientele
