// Stands in for the store when a load is only tried: keeps the ids, to find duplicates. 16 bytes a record.
#pragma once

#include <mutex>
#include <vector>

#include <absl/base/thread_annotations.h>

#include "index/segment_builder.h"
#include "loader/read_records.h"

namespace clientele {

class DryRunSink : public RecordSink {
 public:
  std::unique_ptr<Worker> NewWorker() override { return std::make_unique<IdWorker>(*this); }

  // As the seal finds them, without the records' texts. Call when the reading has ended. O(records log records).
  std::vector<DuplicateId> TakeDuplicates();

 private:
  struct Place {
    std::int64_t id;
    std::uint32_t sequence, index;
    auto operator<=>(const Place&) const = default;
  };
  class IdWorker : public Worker {
   public:
    explicit IdWorker(DryRunSink& sink) : sink_(sink) {}
    void Append(const ClientRecord& record) override { ids_.push_back(record.id()); }
    absl::Status EndBlock(std::uint64_t sequence, std::uint64_t buffer_bytes) override;

   private:
    DryRunSink& sink_;
    std::vector<std::int64_t> ids_;  // Of the block.
  };

  std::mutex mutex_;
  std::vector<Place> places_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace clientele
