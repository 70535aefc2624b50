#include "index/segment_builder.h"

#include <algorithm>

#include "index/parallel.h"
#include "index/seal.h"
#include "index/segment.h"
#include "index/segment_columns.h"

namespace clientele {

struct SegmentBuilder::State {
  std::mutex mutex;
  std::vector<KeptBatch> batches ABSL_GUARDED_BY(mutex);
  std::uint64_t column_bytes ABSL_GUARDED_BY(mutex) = 0;
  std::uint64_t clients ABSL_GUARDED_BY(mutex) = 0;
};

SegmentBuilder::SegmentBuilder() : shared_(std::make_shared<SegmentShared>()), state_(std::make_unique<State>()) {}
SegmentBuilder::SegmentBuilder(std::shared_ptr<RecordDictionaries> dictionaries, std::uint64_t record_bytes_max)
    : shared_(std::make_shared<SegmentShared>(std::move(dictionaries), record_bytes_max)), state_(std::make_unique<State>()) {}
SegmentBuilder::~SegmentBuilder() = default;

void SegmentBuilder::Add(std::uint64_t sequence, SegmentBatch batch) {
  KeptBatch kept = shared_->Keep(*batch.columns_);
  kept.sequence = sequence;
  std::lock_guard lock(state_->mutex);
  state_->column_bytes += batch.bytes();
  state_->clients += kept.size;
  if (kept.size > 0) state_->batches.push_back(std::move(kept));
}

BuilderMemory SegmentBuilder::memory() const {
  BuilderMemory memory{.records = shared_->region->bytes_used(), .dictionaries = MemoryBytes(*shared_->dictionaries)};
  for (const auto& values : shared_->values) memory.dictionaries += values != nullptr ? values->MemoryBytes() : 0;
  std::lock_guard lock(state_->mutex);
  memory.columns = state_->column_bytes;
  memory.clients = state_->clients;
  return memory;
}

SealResult SegmentBuilder::Seal(const SealProgress& progress, std::uint32_t threads) && {
  shared_->FreeIdle();
  std::vector<KeptBatch> batches;
  {
    std::lock_guard lock(state_->mutex);
    batches = std::move(state_->batches);
  }
  std::ranges::sort(batches, {}, &KeptBatch::sequence);
  SealResult sealed;
  WithThreads(threads, [&] { sealed = SealBatches(*shared_, std::move(batches), progress); });
  return sealed;
}

}  // namespace clientele
