#include "server/list_service.h"

#include <algorithm>
#include <utility>

namespace clientele {
namespace {

// Below this many clients even a scan of all texts takes well under a millisecond.
constexpr std::uint64_t kAlwaysCheapClients = 20'000;

class SnapshotListService final : public ListService {
 public:
  SnapshotListService(Snapshot snapshot, std::uint64_t client_count)
      : snapshot_(std::move(snapshot)), client_count_(client_count) {}

  std::uint64_t ClientCount() const override { return client_count_; }

  bool LooksCheap(const Query& query) const override {
    if (client_count_ <= kAlwaysCheapClients) return true;
    // Searching texts is the only filter that may cost tens of milliseconds; all others are bitmaps, lists and ranks.
    return std::ranges::none_of(
        query.all_of, [](const Predicate& predicate) { return Filters()[predicate.filter].def->op == FilterOp::kContains; });
  }

  absl::StatusOr<Page> FindPage(const Query& query, const ExecuteOptions& options) const override {
    return ExecutePage(snapshot_, query, options);
  }

  absl::StatusOr<std::unique_ptr<RowStream>> OpenStream(const Query& query, const ExecuteOptions& options) const override {
    return RowStream::Open(snapshot_, query, options);
  }

  void Render(std::span<const std::uint32_t> rows, FieldMask fields, std::string& out) const override {
    RenderRows(snapshot_, rows, fields, ",", out);
  }

 private:
  const Snapshot snapshot_;
  const std::uint64_t client_count_;
};

}  // namespace

std::shared_ptr<const ListService> MakeListService(Snapshot snapshot, std::uint64_t client_count) {
  return std::make_shared<SnapshotListService>(std::move(snapshot), client_count);
}

}  // namespace clientele
