// What the list endpoint asks of the engine. A seam for tests, which put slow, failing or made-up services behind a real server.
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

namespace clientele {

// Answers to any thread; all functions but At, ClientCount and SetFigures about one version of the clients.
class ListService {
 public:
  virtual ~ListService() = default;

  // Where clients change, the version that this query sees: to be asked instead. Null: they do not, or it is fixed already.
  virtual std::shared_ptr<const ListService> At(const Query&) const { return nullptr; }

  virtual std::uint64_t ClientCount() const = 0;

  // Of a live set. Nullopt: the clients are never written.
  virtual std::optional<ClientSetFigures> SetFigures() const { return std::nullopt; }

  // False when the query will hardly be answered within a millisecond, whatever its page; a guess that costs nothing.
  virtual bool LooksCheap(const Query& query) const = 0;

  // As ExecutePage, RowStream::Open and RenderRows (with a comma) of engine/execute.h.
  virtual absl::StatusOr<Page> FindPage(const Query& query, const ExecuteOptions& options) const = 0;
  virtual absl::StatusOr<std::unique_ptr<RowStream>> OpenStream(const Query& query, const ExecuteOptions& options) const = 0;
  virtual void Render(std::span<const std::uint32_t> rows, FieldMask fields, std::string& out) const = 0;
};

std::shared_ptr<const ListService> MakeListService(Snapshot snapshot);

// Whether a query over these segments will hardly take longer than a millisecond. Reads nothing that was not checked.
bool LooksCheapIn(const SealedVersion& sealed, const Query& query);

}  // namespace clientele
