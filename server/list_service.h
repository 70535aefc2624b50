// What the endpoints that read ask of the engine. A seam for tests, which put slow, failing or made-up services behind a real
// server.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include <absl/status/statusor.h>

#include "engine/client_set.h"
#include "engine/execute.h"
#include "engine/query.h"
#include "engine/snapshot.h"
#include "engine/write.h"

namespace clientele {

// One version of the clients, which never changes. Thread-safe.
class ListVersion {
 public:
  virtual ~ListVersion() = default;

  // False when the query will hardly be answered within a millisecond, whatever its page; a guess that costs nothing.
  virtual bool LooksCheap(const Query& query) const = 0;

  // As ExecutePage, RowStream::Open and RenderRows (with a comma) of engine/execute.h. Rows mean something in this version only.
  virtual absl::StatusOr<Page> FindPage(const Query& query, const ExecuteOptions& options) const = 0;
  virtual absl::StatusOr<std::unique_ptr<RowStream>> OpenStream(const Query& query, const ExecuteOptions& options) const = 0;
  virtual void Render(std::span<const std::uint32_t> rows, FieldMask fields, std::string& out) const = 0;
};

struct StoredClient {
  std::string json;
  RecordVersion version = 0;
};

// The clients as they are now. Thread-safe.
class ListService {
 public:
  virtual ~ListService() = default;

  // The version that this query sees; it need not be fit for others. Never null. Microseconds.
  virtual std::shared_ptr<const ListVersion> At(const Query& query) const = 0;

  // One client; nullopt when there is none. A few microseconds, but for what a lazily opened snapshot checks at its first use.
  virtual absl::StatusOr<std::optional<StoredClient>> Find(std::int64_t id) const = 0;

  virtual std::uint64_t ClientCount() const = 0;

  // Of a live set. Nullopt: the clients are never written.
  virtual std::optional<ClientSetFigures> SetFigures() const { return std::nullopt; }
};

// Of the rows that a query of a live set has found, or of all that there are.
std::shared_ptr<const ListVersion> MakeListVersion(Snapshot snapshot);

// Of clients that are never written.
std::shared_ptr<const ListService> MakeListService(Snapshot snapshot);

// Whether a query over these segments will hardly take longer than a millisecond. Reads nothing that was not checked.
bool LooksCheapIn(const SealedVersion& sealed, const Query& query);

}  // namespace clientele
