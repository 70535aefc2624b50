// A list service without an engine for tests of the server: any number of made-up clients, which may be slow or break off.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "server/list_service.h"

namespace clientele {

struct FakeClients {
  std::uint64_t count = 100;   // Every query matches all of them; filters are not looked at.
  std::size_t text_bytes = 8;  // Of each record's "text".
  bool cheap = true;
  std::chrono::milliseconds delay{0};                                      // Of each query.
  absl::Status status = absl::OkStatus();                                  // When not OK: what every query answers.
  std::uint64_t breaks_after = std::numeric_limits<std::uint64_t>::max();  // A stream stops short after so many rows.
};

class FakeRowStream final : public RowStream {
 public:
  FakeRowStream(const FakeClients& clients, const Query& query)
      : clients_(clients),
        next_(std::min(query.offset, clients.count)),
        end_(next_ + std::min(query.limit.value_or(clients.count), clients.count - next_)) {
    ++alive;
  }
  ~FakeRowStream() override { --alive; }

  std::uint64_t count() const override { return clients_.count; }
  std::size_t Next(std::span<std::uint32_t> rows) override {
    std::size_t filled = 0;
    while (filled < rows.size() && next_ < end_ && next_ < clients_.breaks_after)
      rows[filled++] = static_cast<std::uint32_t>(next_++);
    return filled;
  }

  inline static std::atomic<int> alive{0};  // Streams that exist.

 private:
  const FakeClients clients_;
  std::uint64_t next_, end_;
};

class FakeListVersion final : public ListVersion {
 public:
  explicit FakeListVersion(FakeClients clients) : clients_(clients) {}

  bool LooksCheap(const Query&) const override { return clients_.cheap; }

  absl::StatusOr<Page> FindPage(const Query& query, const ExecuteOptions& options) const override {
    if (const absl::Status status = Suffer(options); !status.ok()) return status;
    Page page{.count = clients_.count, .rows = {}};
    FakeRowStream stream(clients_, query);
    page.rows.resize(std::min(*query.limit, clients_.count));
    page.rows.resize(stream.Next(page.rows));
    return page;
  }

  absl::StatusOr<std::unique_ptr<RowStream>> OpenStream(const Query& query, const ExecuteOptions& options) const override {
    if (const absl::Status status = Suffer(options); !status.ok()) return status;
    return std::make_unique<FakeRowStream>(clients_, query);
  }

  void Render(std::span<const std::uint32_t> rows, FieldMask, std::string& out) const override {
    const char* separator = "";
    for (const std::uint32_t row : rows) {
      out += separator;
      out += "{\"id\":" + std::to_string(row + 1) + ",\"text\":\"" + std::string(clients_.text_bytes, 'x') + "\"}";
      separator = ",";
    }
  }

 private:
  absl::Status Suffer(const ExecuteOptions& options) const {
    if (!clients_.status.ok()) return clients_.status;
    const auto end = std::chrono::steady_clock::now() + clients_.delay;
    std::this_thread::sleep_until(std::min(end, options.deadline));
    return end > options.deadline ? absl::DeadlineExceededError("the query took too long") : absl::OkStatus();
  }

  const FakeClients clients_;
};

class FakeListService final : public ListService {
 public:
  // `find`: looks one client up; where it is empty there is none.
  using Finder = std::function<absl::StatusOr<std::optional<StoredClient>>(std::int64_t)>;
  explicit FakeListService(FakeClients clients, Finder find = {})
      : count_(clients.count), version_(std::make_shared<FakeListVersion>(clients)), find_(std::move(find)) {}

  std::shared_ptr<const ListVersion> At(const Query&) const override { return version_; }
  std::uint64_t ClientCount() const override { return count_; }
  absl::StatusOr<std::optional<StoredClient>> Find(std::int64_t id) const override {
    return find_ ? find_(id) : std::optional<StoredClient>();
  }

 private:
  const std::uint64_t count_;
  const std::shared_ptr<const ListVersion> version_;
  const Finder find_;
};

}  // namespace clientele
