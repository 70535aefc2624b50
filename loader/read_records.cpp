#include "loader/read_records.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <limits>
#include <mutex>
#include <new>
#include <optional>
#include <string_view>
#include <thread>

#include <absl/strings/str_cat.h>

#include "loader/block_source.h"
#include "loader/csv_record_parser.h"
#include "loader/json_pointer.h"

namespace clientele {
namespace {

constexpr auto kProgressInterval = std::chrono::milliseconds(200);
constexpr std::string_view kBlanks = " \t\r";
constexpr std::uint32_t kThreadsMax = 256;
constexpr std::size_t kUsualRecordBytesMax = std::size_t{1} << 20;

// What the threads of one call share.
class Reading {
 public:
  Reading(const std::vector<std::string>& paths, const ReadOptions& options, RecordSink& sink, RejectLog& rejects, LineMap& lines)
      : paths_(paths), options_(options), sink_(sink), rejects_(rejects), lines_(lines), source_(paths, LimitsOf(options)) {}

  // The life of one parsing thread.
  void Work();

  BlockSource& source() { return source_; }
  ReadCounts counts() const { return {.records = records_.load(), .bytes = bytes_.load()}; }
  LoadProgress Progress() const {
    return {.phase = kParsePhase,
            .records = records_.load(std::memory_order_relaxed),
            .rejected = rejects_.count(),
            .bytes = bytes_.load(std::memory_order_relaxed),
            .input_bytes = source_.raw_bytes()};
  }
  absl::Status stop_status() const {
    const std::lock_guard lock(mutex_);
    return stop_status_;
  }

 private:
  friend class BlockParser;

  static SplitLimits LimitsOf(const ReadOptions& options) {
    SplitLimits limits = options.limits;
    limits.any_header = options.new_translator != nullptr;
    return limits;
  }

  void WorkOnBlocks();
  bool IsPastStop(std::uint64_t sequence) const { return sequence > stop_sequence_.load(std::memory_order_relaxed); }
  void StopAt(std::uint64_t sequence);
  void StopWith(absl::Status status);  // The first status counts.

  const std::vector<std::string>& paths_;
  const ReadOptions& options_;
  RecordSink& sink_;
  RejectLog& rejects_;
  LineMap& lines_;
  BlockSource source_;
  std::atomic<std::uint64_t> records_ = 0, bytes_ = 0;
  std::atomic<std::uint64_t> stop_sequence_ =
      std::numeric_limits<std::uint64_t>::max();  // Strict: blocks behind it do not matter.
  mutable std::mutex mutex_;
  absl::Status stop_status_ ABSL_GUARDED_BY(mutex_);
};

// What one thread parses with, block after block.
struct ParserSet {
  explicit ParserSet(const ReadOptions& options) : translator(options.new_translator ? options.new_translator() : nullptr) {}

  RecordParser records;
  CsvRecordParser rows;
  CsvRows cells;
  ClientRecord record;
  std::unique_ptr<RecordTranslator> translator;  // Null when records come as clients.
  std::string translated;
};

// Parses the records of one block.
class BlockParser {
 public:
  BlockParser(Reading& reading, const Block& block, ParserSet& parsers, RecordSink::Worker& sink)
      : reading_(reading), block_(block), parsers_(parsers), sink_(sink) {}

  void Run();

 private:
  void ParseLines();
  void ParseElements();
  void ParseRows();
  bool ParseRecord(std::string_view json);
  bool ParseRow();
  bool Finish(bool parsed, std::string_view text);
  bool Translate(const ForeignRecord& foreign);
  bool Refuse(const RecordError& error, std::string_view text);
  std::uint64_t LineOfElement(std::string_view element);
  void SkipLine() {
    skipped_.Add(stored_);
    ++line_;
  }

  Reading& reading_;
  const Block& block_;
  ParserSet& parsers_;
  RecordSink::Worker& sink_;
  RecordError error_;
  std::uint64_t line_ = 0;  // Of this block, from 0.
  std::uint32_t stored_ = 0;
  std::size_t element_offset_ = 0;  // Within the text, and the lines before it.
  std::uint64_t element_line_ = 0;
  SkippedLines skipped_;
  BlockRejects rejects_;
};

void BlockParser::Run() {
  switch (block_.format) {
    case BlockFormat::kLines: ParseLines(); break;
    case BlockFormat::kElements: ParseElements(); break;
    case BlockFormat::kRows: ParseRows(); break;
  }
  if (block_.broken && !(reading_.options_.strict && rejects_.count > 0)) Refuse(*block_.broken, block_.broken_text);
  reading_.lines_.AddBlock(
      block_.sequence, {.file = block_.file, .line = block_.first_line, .is_element = block_.format == BlockFormat::kElements},
      std::move(skipped_));
  reading_.rejects_.FinishBlock(block_.sequence, std::move(rejects_));
  if (absl::Status status = sink_.EndBlock(block_.sequence, reading_.source_.buffer_bytes()); !status.ok())
    reading_.StopWith(std::move(status));
  if (reading_.rejects_.is_full()) reading_.source_.Stop();
  reading_.records_.fetch_add(stored_, std::memory_order_relaxed);
  reading_.bytes_.fetch_add(block_.size, std::memory_order_relaxed);
}

// Starts fetching what follows `at`, about a record, before `end`: the block's memory is further away than the caches that a core
// has for itself, and parsing one record takes longer than fetching the next.
void PrefetchUpTo(const char* at, const char* end) {
  constexpr std::ptrdiff_t kBytesAhead = 2'048, kCacheLine = 64;
  const char* const last = at + std::min(kBytesAhead, end - at);
  for (; at < last; at += kCacheLine) __builtin_prefetch(at);
}

void BlockParser::ParseLines() {
  const std::string_view text = block_.text();
  std::size_t begin = 0;
  for (std::size_t number = 0; begin < text.size(); ++number) {
    const std::size_t end = number < block_.line_ends.size() ? block_.line_ends[number] : text.size();
    const std::string_view line = text.substr(begin, end - begin);
    PrefetchUpTo(text.data() + end, text.data() + text.size());
    if (line.find_first_not_of(kBlanks) == std::string_view::npos) {
      SkipLine();
    } else if (!ParseRecord(line)) {
      return;
    }
    begin = end + 1;
  }
}

void BlockParser::ParseElements() {
  for (const std::string_view element : block_.elements) {
    if (!ParseRecord(element)) return;
  }
}

void BlockParser::ParseRows() {
  if (parsers_.translator != nullptr) {
    const absl::Status status = parsers_.translator->CheckHeader(*block_.header, block_.file);
    if (!status.ok()) {
      const std::string& path = reading_.paths_[block_.file];
      return reading_.StopWith(absl::Status(status.code(), absl::StrCat(path == "-" ? "stdin" : path, ": ", status.message())));
    }
  }
  CsvRows& rows = parsers_.cells;
  rows.Start(block_.text(), block_.header->delimiter, block_.first_line);
  while (rows.Next()) {
    while (block_.first_line + line_ < rows.line()) SkipLine();  // Blank ones, and those within the row before.
    if (!ParseRow()) return;
  }
}

bool BlockParser::ParseRow() {
  const CsvRows& row = parsers_.cells;
  bool parsed = false;
  if (parsers_.translator == nullptr) {
    parsed = parsers_.rows.Parse(block_.header, row, parsers_.record, error_);
  } else {
    parsed = CheckRow(*block_.header, row, error_) && Translate({.json = {},
                                                                 .header = block_.header.get(),
                                                                 .cells = row.cells(),
                                                                 .row = &row,
                                                                 .input = block_.file,
                                                                 .line = row.line()});
  }
  return Finish(parsed, row.raw());
}

// False when this block is to be left.
bool BlockParser::ParseRecord(std::string_view json) {
  const SplitLimits& limits = reading_.options_.limits;
  if (json.size() > limits.record_bytes_max) {
    return Refuse({.pointer = "", .value = Excerpt(json), .expected = ExpectedRecordSize(limits)},
                  json.substr(0, kBrokenTextBytes));
  }
  const bool parsed = parsers_.translator != nullptr
                          ? Translate({.json = json, .cells = {}, .input = block_.file, .line = block_.first_line + line_})
                          : parsers_.records.Parse(json, parsers_.record, error_);
  return Finish(parsed, json);
}

// Stores or refuses the record that `text` was.
bool BlockParser::Finish(bool parsed, std::string_view text) {
  if (parsed) {
    sink_.Append(parsers_.record);
    ++stored_;
    ++line_;
  }
  if (text.size() > kUsualRecordBytesMax) parsers_.record = {};  // Its lists may have grown to hundreds of MB.
  return parsed || Refuse(error_, text);
}

// Parses what the translator makes of a record.
bool BlockParser::Translate(const ForeignRecord& foreign) {
  error_ = {};
  std::string& json = parsers_.translated;
  if (!parsers_.translator->Translate(foreign, json, error_)) return false;
  const std::size_t size = json.size();
  json.append(RecordParser::kPadding, ' ');
  if (parsers_.records.Parse(std::string_view(json).substr(0, size), parsers_.record, error_)) return true;
  error_.offset = RecordError::kNowhere;  // It is a place in the translation.
  parsers_.translator->Locate(foreign, error_);
  return false;
}

bool BlockParser::Refuse(const RecordError& error, std::string_view text) {
  const bool strict = reading_.options_.strict;
  if (strict) {
    reading_.StopAt(block_.sequence);
    if (reading_.IsPastStop(block_.sequence)) return false;
  }
  const std::string& path = reading_.paths_[block_.file];
  const bool is_element = block_.format == BlockFormat::kElements;
  Reject reject{.file = path == "-" ? "stdin" : path,
                .line = is_element ? LineOfElement(text) : block_.first_line + line_,
                .element = is_element ? block_.first_line + line_ : 0,
                .column = error.column,
                .pointer = error.pointer,
                .value = error.value,
                .expected = error.expected};
  reading_.rejects_.Add(block_.sequence, std::move(reject), text, error, rejects_);
  SkipLine();
  return !strict;
}

// Where an element that is refused begins, in lines of its file. Elements are asked for in their order, so that nothing is
// counted twice.
std::uint64_t BlockParser::LineOfElement(std::string_view element) {
  const std::string_view text = block_.text();
  if (element.data() < text.data() || element.data() > text.data() + text.size())
    return block_.broken_line;  // None of the block's.
  const std::size_t blanks = std::min(element.find_first_not_of(" \t\r\n"), element.size());
  const auto offset = static_cast<std::size_t>(element.data() - text.data()) + blanks;
  element_line_ += static_cast<std::uint64_t>(std::count(text.begin() + static_cast<std::ptrdiff_t>(element_offset_),
                                                         text.begin() + static_cast<std::ptrdiff_t>(offset), '\n'));
  element_offset_ = offset;
  return block_.text_line + element_line_;
}

void Reading::StopAt(std::uint64_t sequence) {
  std::uint64_t stop = stop_sequence_.load();
  while (sequence < stop && !stop_sequence_.compare_exchange_weak(stop, sequence)) {
  }
  source_.Stop();
}

void Reading::StopWith(absl::Status status) {
  const std::lock_guard lock(mutex_);
  if (stop_status_.ok()) stop_status_ = std::move(status);
  source_.Stop();
}

void Reading::WorkOnBlocks() {
  ParserSet parsers(options_);
  Block block;
  const std::unique_ptr<RecordSink::Worker> worker = sink_.NewWorker();
  while (source_.Next(block)) {
    if (IsPastStop(block.sequence)) {
      rejects_.FinishBlock(block.sequence, {});  // Threads of later blocks may be waiting for their turn.
    } else {
      BlockParser(*this, block, parsers, *worker).Run();
    }
  }
}

void Reading::Work() {
  try {
    WorkOnBlocks();
  } catch (const std::bad_alloc&) {
    StopWith(absl::ResourceExhaustedError("not enough memory to load the input"));
    rejects_.Abort();
  }
}

std::uint32_t ThreadCount(const ReadOptions& options) {
  const std::uint32_t wanted = options.threads != 0 ? options.threads : std::thread::hardware_concurrency();
  return std::clamp(wanted, 1U, kThreadsMax);
}

// Size on disk of all inputs; 0 when that of one is not known.
absl::StatusOr<std::uint64_t> TotalBytes(const std::vector<std::string>& paths) {
  std::uint64_t total = 0;
  bool is_known = true;
  for (const std::string& path : paths) {
    const absl::StatusOr<std::optional<std::uint64_t>> size = CheckInputFile(path);
    if (!size.ok()) return size.status();
    is_known &= size->has_value();
    total += size->value_or(0);
  }
  return is_known ? total : 0;
}

// Runs the threads to their end; meanwhile calls `on_tick` a few times a second, and once at the end.
void RunThreads(Reading& reading, std::uint32_t count, const std::function<void()>& on_tick) {
  std::mutex mutex;
  std::condition_variable thread_done;
  std::uint32_t running = count;
  std::vector<std::jthread> threads;
  for (std::uint32_t i = 0; i < count; ++i) {
    threads.emplace_back([&] {
      reading.Work();
      const std::lock_guard lock(mutex);
      --running;
      thread_done.notify_one();
    });
  }
  for (bool done = false; !done; on_tick()) {
    std::unique_lock lock(mutex);
    done = thread_done.wait_for(lock, kProgressInterval, [&] { return running == 0; });
  }
}

}  // namespace

absl::StatusOr<ReadCounts> ReadRecords(const std::vector<std::string>& paths, const ReadOptions& options, RecordSink& sink,
                                       RejectLog& rejects, LineMap& lines) {
  const absl::StatusOr<std::uint64_t> total_bytes = TotalBytes(paths);
  if (!total_bytes.ok()) return total_bytes.status();
  Reading reading(paths, options, sink, rejects, lines);
  const auto start = std::chrono::steady_clock::now();
  RunThreads(reading, ThreadCount(options), [&] {
    if (!options.on_progress) return;
    LoadProgress progress = reading.Progress();
    progress.input_bytes_total = *total_bytes;
    progress.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    options.on_progress(progress);
  });
  if (const absl::Status status = reading.stop_status(); !status.ok()) return status;
  if (const absl::Status status = reading.source().status(); !status.ok()) return status;
  if (const absl::Status status = rejects.status(); !status.ok()) return status;
  return reading.counts();
}

}  // namespace clientele
