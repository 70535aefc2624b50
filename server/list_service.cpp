#include "server/list_service.h"

#include <utility>
#include <variant>

#include "engine/first_use.h"
#include "index/segment.h"

namespace clientele {
namespace {

// Blocks of texts that a search may scan and still count as cheap: about half a millisecond of scanning.
constexpr std::uint64_t kCheapTextBlocks = 2'000;

class SnapshotVersion final : public ListVersion {
 public:
  explicit SnapshotVersion(Snapshot snapshot) : snapshot_(std::move(snapshot)) {}

  bool LooksCheap(const Query& query) const override {
    return snapshot_.sealed == nullptr || LooksCheapIn(*snapshot_.sealed, query);
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
};

class SnapshotListService final : public ListService {
 public:
  explicit SnapshotListService(const Snapshot& snapshot)
      : version_(MakeListVersion(snapshot)), client_count_(snapshot.sealed->client_count()) {}

  std::shared_ptr<const ListVersion> At(const Query&) const override { return version_; }
  std::uint64_t ClientCount() const override { return client_count_; }

  absl::StatusOr<std::optional<StoredClient>> Find(std::int64_t id) const override {
    Query query;
    query.all_of.push_back({.filter = *FindFilter("id"), .operand = ValueSetOperand{.values = {id}}});
    query.limit = 1;
    const absl::StatusOr<Page> page = version_->FindPage(query, {.threads = 1});
    if (!page.ok()) return page.status();
    if (page->rows.empty()) return std::nullopt;
    StoredClient client;
    version_->Render(page->rows, kAllFields, client.json);
    client.version = VersionOf(client.json);
    return client;
  }

 private:
  const std::shared_ptr<const ListVersion> version_;
  const std::uint64_t client_count_;
};

}  // namespace

bool LooksCheapIn(const SealedVersion& sealed, const Query& query) {
  // Whatever is used for the first time has to be checked; and nothing may be read before that.
  // Searching texts is the only filter that may cost tens of milliseconds; all others are bitmaps, lists and ranks.
  std::uint64_t blocks = 0;
  for (const SegmentView& view : sealed.segments()) {
    if (!IsKnownGood(*view.segment, query)) return false;
    for (const Predicate& predicate : query.all_of) {
      if (Filters()[predicate.filter].def->op != FilterOp::kContains) continue;
      const auto searched = view.segment->TextsOf(predicate.filter);
      blocks += searched.texts->EstimateBlocks(std::get<TextOperand>(predicate.operand).text);
    }
  }
  return blocks <= kCheapTextBlocks;
}

std::shared_ptr<const ListVersion> MakeListVersion(Snapshot snapshot) {
  return std::make_shared<SnapshotVersion>(std::move(snapshot));
}

std::shared_ptr<const ListService> MakeListService(Snapshot snapshot) {
  return std::make_shared<SnapshotListService>(snapshot);
}

}  // namespace clientele
