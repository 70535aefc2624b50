// Decides what becomes of batches of writes: each write against the set as it will be when the writes before it are applied.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include <absl/container/flat_hash_map.h>

#include "engine/live_store.h"
#include "engine/pending_batch.h"
#include "engine/set_state.h"

namespace clientele {

// For the batches of one group. SetState::writing() must be held for as long as this lives.
class GroupDecision {
 public:
  GroupDecision(const SetState& state, LiveStore& store, WriteWorkbench& workbench, std::chrono::system_clock::time_point now)
      : state_(state), store_(store), workbench_(workbench), now_(now) {}

  // Fills status, reply, changes and log. Batches in the order in which they will be applied.
  void Decide(PendingBatch& pending);

 private:
  // What a client is, with the writes that were decided so far.
  struct Current {
    bool is_there = false;
    Location location;  // For who wants the record: of an earlier write of the group, or in the set.
  };
  // What an earlier write of the group left: nothing, its row, or a record of a batch that is sealed already.
  struct Left {
    const LiveRow* row = nullptr;
    const Segment* sealed = nullptr;
  };
  using Overlay = absl::flat_hash_map<std::int64_t, Left>;

  bool IsRepeated(PendingBatch& pending);
  Current Find(std::int64_t id) const;
  std::string JsonOf(const Current& current) const;
  bool Holds(const Precondition& precondition, const Current& current) const;
  WriteResult DecideOne(const WriteBatch& batch, const Write& write, PreparedWrite& prepared, PendingBatch& pending);
  WriteResult Change(const Current& current, std::string_view patch, WriteResult::Code done, const WriteBatch& batch,
                     PreparedWrite& prepared, PendingBatch& pending);
  void Undo(PendingBatch& pending, const Overlay& before);

  const SetState& state_;
  LiveStore& store_;
  WriteWorkbench& workbench_;
  const std::chrono::system_clock::time_point now_;
  Overlay overlay_;
  absl::flat_hash_map<std::string, std::string> keys_;  // Idempotency keys of this group and their fingerprints.
};

}  // namespace clientele
