#include "engine/batch_decision.h"

#include <algorithm>
#include <utility>

#include "engine/log_operations.h"
#include "engine/reply_bytes.h"

namespace clientele {

using Code = WriteResult::Code;

void GroupDecision::Decide(PendingBatch& pending) {
  if (pending.batch.idempotency && IsRepeated(pending)) return pending.sealed.reset();
  const WriteBatch& batch = pending.batch;
  const bool all_or_nothing = batch.atomic || batch.dry_run;
  const Overlay before = all_or_nothing ? overlay_ : Overlay();
  bool any_refused = false;
  pending.reply.results.reserve(batch.writes.size());
  for (std::size_t i = 0; i < batch.writes.size(); ++i) {
    WriteResult result = DecideOne(batch, batch.writes[i], pending.prepared[i], pending);
    result.id = pending.prepared[i].id;
    if (IsRefused(result.code)) {
      any_refused = true;
      result.problem = std::move(pending.prepared[i].problem);
    }
    pending.reply.results.push_back(std::move(result));
  }
  if (any_refused && pending.payload && pending.sealed == nullptr) {
    // What was packed ahead holds too much: the log is made of what was accepted. Only records come packed. What is sealed was
    // accepted.
    pending.payload.reset();
    for (std::size_t i = 0; i < batch.writes.size(); ++i) {
      if (!IsRefused(pending.reply.results[i].code)) AppendUpsert(batch.writes[i].json, pending.log);
    }
  }
  if (batch.atomic && any_refused) {
    for (WriteResult& result : pending.reply.results) {
      if (!IsRefused(result.code)) result = {.code = Code::kNotTried, .id = result.id};
    }
  }
  if (batch.dry_run || (batch.atomic && any_refused)) Undo(pending, before);
  if (batch.idempotency && pending.changed_rows() > 0) keys_[batch.idempotency->key] = batch.idempotency->fingerprint;
}

// Whether the batch is answered without being carried out.
bool GroupDecision::IsRepeated(PendingBatch& pending) {
  const IdempotencyKey& asked = *pending.batch.idempotency;
  if (const auto same = keys_.find(asked.key); same != keys_.end()) {
    pending.status = absl::AbortedError("a request with this idempotency key is being carried out");
    return true;
  }
  const auto known = store_.Find(asked.key, now_);
  if (!known.ok()) {
    pending.status = known.status();
    return true;
  }
  if (!*known) return false;
  if ((*known)->fingerprint != asked.fingerprint) {
    pending.status = absl::FailedPreconditionError("this idempotency key was used by another request");
    return true;
  }
  auto reply = ReplyOf((*known)->reply);
  if (!reply.ok()) {
    pending.status = reply.status();
    return true;
  }
  pending.reply = *std::move(reply);
  pending.reply.is_repeated = true;
  return true;
}

GroupDecision::Current GroupDecision::Find(std::int64_t id) const {
  const auto written = overlay_.find(id);
  Location location;
  if (written == overlay_.end())
    location = state_.Locate(id);
  else if (const Left& left = written->second; left.row != nullptr)
    location = {.kind = Location::Kind::kLive, .live = left.row};
  else if (left.sealed != nullptr)
    location = {.kind = Location::Kind::kSegment, .segment = left.sealed, .row = *left.sealed->RowOf(id)};
  return {.is_there = location.kind != Location::Kind::kNowhere, .location = location};
}

std::string GroupDecision::JsonOf(const Current& current) const {
  std::string json;
  state_.AppendJson(current.location, json);
  return json;
}

bool GroupDecision::Holds(const Precondition& precondition, const Current& current) const {
  switch (precondition.kind) {
    case Precondition::Kind::kNone: return true;
    case Precondition::Kind::kPresent: return current.is_there;
    case Precondition::Kind::kAbsent: return !current.is_there;
    case Precondition::Kind::kVersionIn:
      return current.is_there &&
             std::ranges::find(precondition.versions, VersionOf(JsonOf(current))) != precondition.versions.end();
  }
  return false;
}

WriteResult GroupDecision::DecideOne(const WriteBatch& batch, const Write& write, PreparedWrite& prepared,
                                     PendingBatch& pending) {
  if (prepared.is_invalid) return {.code = Code::kInvalid};
  const Current current = Find(prepared.id);
  if (!Holds(write.precondition, current)) return {.code = Code::kPreconditionFailed};
  switch (write.kind) {
    case WriteKind::kCreate:
      if (current.is_there) return {.code = Code::kExists};
      [[fallthrough]];
    case WriteKind::kPut: {
      overlay_[prepared.id] = {.row = prepared.row.get(), .sealed = pending.sealed.get()};
      if (!pending.payload) AppendUpsert(write.json, pending.log);
      if (pending.sealed == nullptr) pending.changes.push_back({prepared.id, std::move(prepared.row)});
      WriteResult result{.code = current.is_there ? Code::kReplaced : Code::kCreated, .version = prepared.version};
      if (batch.want_records) result.json = std::move(prepared.json);
      return result;
    }
    case WriteKind::kPatch:
      if (!current.is_there) return {.code = Code::kMissing};
      return Change(current, write.json, Code::kPatched, batch, prepared, pending);
    case WriteKind::kDelete:
      if (!current.is_there) return {.code = Code::kMissing};
      return Change(current, R"({"deleted":true})", Code::kDeleted, batch, prepared, pending);
    case WriteKind::kPurge:
      if (!current.is_there) return {.code = Code::kMissing};
      overlay_[prepared.id] = {};
      AppendPurge(prepared.id, pending.log);
      pending.changes.push_back({prepared.id, nullptr});
      return {.code = Code::kPurged};
  }
  return {.code = Code::kNotTried};
}

WriteResult GroupDecision::Change(const Current& current, std::string_view patch, Code done, const WriteBatch& batch,
                                  PreparedWrite& prepared, PendingBatch& pending) {
  const std::int64_t id = prepared.id;
  const std::string before = JsonOf(current);
  const absl::StatusOr<std::string> patched = workbench_.reader().MergePatch(before, patch);
  if (!patched.ok()) {
    prepared.problem = {"", std::string(patch.substr(0, 80)), std::string(patched.status().message())};
    return {.code = Code::kInvalid};
  }
  workbench_.MakeRow(*patched, true, prepared);
  if (!prepared.is_invalid && prepared.id != id) {
    prepared.is_invalid = true;
    prepared.problem = {"/id", std::to_string(prepared.id), "the client's own id, " + std::to_string(id)};
  }
  prepared.id = id;
  if (prepared.is_invalid) return {.code = Code::kInvalid};
  WriteResult result{.code = done, .version = prepared.version};
  // A patch that changes nothing, such as deleting twice, is done without a write.
  if (prepared.json != before) {
    overlay_[id] = {.row = prepared.row.get(), .sealed = nullptr};
    AppendUpsert(*patched, pending.log);
    pending.changes.push_back({id, std::move(prepared.row)});
  }
  if (batch.want_records) result.json = std::move(prepared.json);
  return result;
}

void GroupDecision::Undo(PendingBatch& pending, const Overlay& before) {
  overlay_ = before;
  pending.changes.clear();
  pending.log.clear();
  pending.payload.reset();
  pending.sealed.reset();
}

}  // namespace clientele
