// Collects checked records from any number of threads and seals them into a Segment.
//
//   parse threads: SegmentBatch batch(builder.shared());  batch.Append(record) ...  builder.Add(sequence, std::move(batch));
//   then, once:    builder.Seal(...)
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "index/client_record.h"

namespace clientele {

class RecordDictionaries;
class Segment;
struct BatchColumns;
struct SegmentShared;  // Dictionaries and the record region that all batches of one builder write to. Thread-safe.

// Records of one piece of input, as columns; owned by one thread until it is added.
class SegmentBatch {
 public:
  explicit SegmentBatch(std::shared_ptr<SegmentShared> shared);
  ~SegmentBatch();
  SegmentBatch(SegmentBatch&&) noexcept;
  SegmentBatch& operator=(SegmentBatch&&) noexcept;

  void Append(const ClientRecord& record);  // Copies all that it keeps.
  std::uint32_t size() const;               // Records appended.
  std::uint64_t bytes() const;              // Of the columns, without records and dictionaries.

 private:
  friend class SegmentBuilder;
  std::shared_ptr<SegmentShared> shared_;
  std::unique_ptr<BatchColumns> columns_;
};

// A record that was left out because its id stood earlier in the input (by sequence, then position).
struct DuplicateId {
  std::int64_t id;
  std::uint64_t sequence;        // As given to Add.
  std::uint32_t index_in_batch;  // 0-based among the records appended to that batch.
  std::string json;              // The record that was left out.
};

struct SealResult {
  std::shared_ptr<const Segment> segment;
  std::vector<DuplicateId> duplicates;  // In input order.
};

// Told the phase ("sort ids", "cluster rows", ...) and the fraction of the seal that is done, 0 .. 1; from one thread at a time.
using SealProgress = std::function<void(std::string_view phase, double fraction)>;

// Bytes that a builder holds, for judging whether a load will fit.
struct BuilderMemory {
  std::uint64_t columns = 0;  // Of the batches added so far.
  std::uint64_t records = 0;  // Encoded.
  std::uint64_t dictionaries = 0;
  std::uint64_t clients = 0;  // Records in those batches.
};

class SegmentBuilder {
 public:
  SegmentBuilder();

  // For one of several segments that share their dictionaries, which others may be adding to. Addresses for `record_bytes_max`
  // bytes of encoded records are reserved; appending throws std::bad_alloc when more come.
  explicit SegmentBuilder(std::shared_ptr<RecordDictionaries> dictionaries,
                          std::uint64_t record_bytes_max = std::uint64_t{1} << 30);
  ~SegmentBuilder();

  std::shared_ptr<SegmentShared> shared() const { return shared_; }

  // Takes a batch over. `sequence` orders the input: distinct, in any order of calls. Thread-safe.
  void Add(std::uint64_t sequence, SegmentBatch batch);

  BuilderMemory memory() const;  // O(1). Thread-safe.

  // Spends the builder. Runs on all cores, or on `threads` threads (the calling one among them) unless that is 0; frees columns
  // as it goes. No clients: an empty segment.
  SealResult Seal(const SealProgress& progress = {}, std::uint32_t threads = 0) &&;

 private:
  std::shared_ptr<SegmentShared> shared_;
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace clientele
