// What the list endpoint asks of the engine. A seam for tests, which put slow, failing or made-up services behind a real server.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include <absl/status/statusor.h>

#include "engine/execute.h"
#include "engine/query.h"
#include "engine/snapshot.h"

namespace clientele {

// Immutable: answers about one version of the clients, to any thread.
class ListService {
 public:
  virtual ~ListService() = default;

  virtual std::uint64_t ClientCount() const = 0;

  // False when the query will hardly be answered within a millisecond, whatever its page; a guess that costs nothing.
  virtual bool LooksCheap(const Query& query) const = 0;

  // As ExecutePage, RowStream::Open and RenderRows (with a comma) of engine/execute.h.
  virtual absl::StatusOr<Page> FindPage(const Query& query, const ExecuteOptions& options) const = 0;
  virtual absl::StatusOr<std::unique_ptr<RowStream>> OpenStream(const Query& query, const ExecuteOptions& options) const = 0;
  virtual void Render(std::span<const std::uint32_t> rows, FieldMask fields, std::string& out) const = 0;
};

std::shared_ptr<const ListService> MakeListService(Snapshot snapshot);

}  // namespace clientele
