// A write service without an engine for tests of the server: a map of records, really parsed and patched, answered at once or by
// a thread of its own, and failing when told to.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "loader/json_record_reader.h"
#include "server/write_service.h"
#include "tests/server/fake_list_service.h"

namespace clientele {

class FakeWriteService final : public WriteService {
 public:
  FakeWriteService() : thread_([this] { AnswerAll(); }) {}
  ~FakeWriteService() override {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

  void Submit(WriteBatch batch, Done done) override {
    absl::StatusOr<WriteReply> reply = Apply(batch);
    if (!later) return done(std::move(reply));
    {
      const std::lock_guard lock(mutex_);
      waiting_.emplace_back(std::move(done), std::move(reply));
      waiting_max = std::max(waiting_max, waiting_.size());
    }
    changed_.notify_all();
  }

  absl::StatusOr<std::optional<StoredClient>> Find(std::int64_t id) const {
    const std::lock_guard lock(mutex_);
    const auto found = clients_.find(id);
    if (found == clients_.end()) return std::nullopt;
    return StoredClient{.json = found->second, .version = Version(found->second)};
  }

  // Nobody is answered until it is false again; only with `later`.
  void Hold(bool hold) {
    {
      const std::lock_guard lock(mutex_);
      hold_ = hold;
    }
    changed_.notify_all();
  }

  std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return clients_.size();
  }
  std::size_t waiting() const {
    const std::lock_guard lock(mutex_);
    return waiting_.size();
  }
  std::vector<WriteBatch> batches() const {  // All that came, in their order.
    const std::lock_guard lock(mutex_);
    return batches_;
  }

  static RecordVersion Version(const std::string& json) { return std::hash<std::string>()(json) | 1; }

  // Set before the server is asked:
  bool later = true;                                     // Answer from another thread.
  std::function<absl::Status(const WriteBatch&)> fails;  // The error of a batch, or OK.
  std::size_t waiting_max = 0;                           // Batches that have waited for their answer at a time.

 private:
  absl::StatusOr<WriteReply> Apply(const WriteBatch& batch) {
    const std::lock_guard lock(mutex_);
    batches_.push_back(batch);
    if (fails) {
      if (absl::Status status = fails(batch); !status.ok()) return status;
    }
    if (batch.idempotency) {
      const auto found = replies_.find(batch.idempotency->key);
      if (found != replies_.end()) {
        if (found->second.first != batch.idempotency->fingerprint) return absl::FailedPreconditionError("another request");
        WriteReply repeated = found->second.second;
        repeated.is_repeated = true;
        return repeated;
      }
    }
    const auto before = batch.dry_run || batch.atomic ? clients_ : std::map<std::int64_t, std::string>();
    WriteReply reply;
    bool refused = false;
    for (const Write& write : batch.writes) {
      reply.results.push_back(ApplyOne(write));
      refused = refused || IsRefused(reply.results.back().code);
      if (!batch.want_records) reply.results.back().json.clear();
    }
    if (batch.dry_run || (batch.atomic && refused)) clients_ = before;
    if (batch.atomic && refused) {
      for (WriteResult& result : reply.results) {
        if (!IsRefused(result.code)) result.code = WriteResult::Code::kNotTried;
      }
    }
    if (batch.idempotency) replies_[batch.idempotency->key] = {batch.idempotency->fingerprint, reply};
    return reply;
  }

  WriteResult ApplyOne(const Write& write) {
    using Code = WriteResult::Code;
    WriteResult result{.code = Code::kInvalid, .id = write.id.value_or(0)};
    std::string json = write.json;
    if (write.kind == WriteKind::kCreate || write.kind == WriteKind::kPut) {
      if (!Read(json, result)) return result;
    }
    if (write.id && *write.id != result.id) {
      result.problem = {.pointer = "/id", .value = std::to_string(result.id), .expected = "the id of the path"};
      return result;
    }
    const auto found = clients_.find(result.id);
    const bool exists = found != clients_.end();
    if (!Holds(write.precondition, exists ? &found->second : nullptr)) {
      result.code = Code::kPreconditionFailed;
      return result;
    }
    switch (write.kind) {
      case WriteKind::kCreate:
        result.code = exists ? Code::kExists : Code::kCreated;
        if (exists) return result;
        break;
      case WriteKind::kPut: result.code = exists ? Code::kReplaced : Code::kCreated; break;
      case WriteKind::kPatch: {
        result.code = Code::kMissing;
        if (!exists) return result;
        const absl::StatusOr<std::string> patched = reader_.MergePatch(found->second, write.json);
        result.code = Code::kInvalid;
        if (!patched.ok()) {
          result.problem = {.pointer = "", .value = "", .expected = std::string(patched.status().message())};
          return result;
        }
        json = *patched;
        if (!Read(json, result)) return result;
        result.code = Code::kPatched;
        break;
      }
      case WriteKind::kDelete:
      case WriteKind::kPurge:
        result.code = Code::kMissing;
        if (!exists) return result;
        if (write.kind == WriteKind::kPurge) {
          clients_.erase(found);
          result.code = Code::kPurged;
          return result;
        }
        json = *reader_.MergePatch(found->second, R"({"deleted":true})");
        result.code = Code::kDeleted;
        break;
    }
    clients_[result.id] = json;
    result.version = Version(json);
    result.json = json;
    return result;
  }

  bool Read(const std::string& json, WriteResult& result) {
    ClientRecord record;
    if (!reader_.Read(json, record, result.problem)) return false;
    result.id = record.id();
    return true;
  }

  static bool Holds(const Precondition& precondition, const std::string* json) {
    switch (precondition.kind) {
      case Precondition::Kind::kNone: return true;
      case Precondition::Kind::kPresent: return json != nullptr;
      case Precondition::Kind::kAbsent: return json == nullptr;
      default: return json != nullptr && std::ranges::find(precondition.versions, Version(*json)) != precondition.versions.end();
    }
  }

  void AnswerAll() {
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [this] { return stopping_ || (!hold_ && !waiting_.empty()); });
      if (waiting_.empty()) return;
      auto [done, reply] = std::move(waiting_.front());
      waiting_.pop_front();
      lock.unlock();
      done(std::move(reply));
      lock.lock();
    }
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  JsonRecordReader reader_;
  std::map<std::int64_t, std::string> clients_;
  std::map<std::string, std::pair<std::string, WriteReply>> replies_;
  std::vector<WriteBatch> batches_;
  std::deque<std::pair<Done, absl::StatusOr<WriteReply>>> waiting_;
  bool hold_ = false, stopping_ = false;
  std::thread thread_;
};

// Made-up lists, and look-ups of the clients that were written to `writes`.
inline std::shared_ptr<const ListService> ListsBeside(std::shared_ptr<FakeWriteService> writes) {
  return std::make_shared<FakeListService>(FakeClients{},
                                           [writes = std::move(writes)](std::int64_t id) { return writes->Find(id); });
}

}  // namespace clientele
