#include "server/set_services.h"

#include <utility>

namespace clientele {
namespace {

class SetListService final : public ListService {
 public:
  explicit SetListService(std::shared_ptr<const ClientSet> set) : set_(std::move(set)) {}

  std::shared_ptr<const ListVersion> At(const Query& query) const override { return MakeListVersion(set_->Take(query)); }
  std::uint64_t ClientCount() const override { return set_->client_count(); }
  std::optional<ClientSetFigures> SetFigures() const override { return set_->figures(); }

  absl::StatusOr<std::optional<StoredClient>> Find(std::int64_t id) const override {
    auto found = set_->Find(id);
    if (!found.ok()) return found.status();
    if (!*found) return std::nullopt;
    return StoredClient{.json = std::move((*found)->json), .version = (*found)->version};
  }

 private:
  const std::shared_ptr<const ClientSet> set_;
};

class SetWriteService final : public WriteService {
 public:
  explicit SetWriteService(std::shared_ptr<ClientSet> set) : set_(std::move(set)) {}

  void Submit(WriteBatch batch, Done done) override { set_->Submit(std::move(batch), std::move(done)); }

 private:
  const std::shared_ptr<ClientSet> set_;
};

}  // namespace

std::shared_ptr<const ListService> MakeListService(std::shared_ptr<const ClientSet> set) {
  return std::make_shared<SetListService>(std::move(set));
}

std::shared_ptr<WriteService> MakeWriteService(std::shared_ptr<ClientSet> set) {
  return std::make_shared<SetWriteService>(std::move(set));
}

}  // namespace clientele
