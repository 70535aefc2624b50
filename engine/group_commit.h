// Group commit: many threads hand in writes, one thread makes all that wait durable together, so that they share a sync. While
// one group is synced the next one gathers. Where syncs take long, a group then waits a little for the writes of those who have
// just been answered: writers that wait for their replies would otherwise share every second sync only, half of them each.
//
// For each group, on the committing thread and in the order in which writes were handed in: Validate, Append (synced when it
// returns), Apply, then the callbacks, then Finish. So a write is visible only after it is durable, and is visible to all that
// begins after its callback. What Finish takes is not waited for: who wrote has the reply by then, and the next write can arrive
// in time for the next group. Groups do not overlap: Validate sees all earlier groups applied and finished. What needs no such
// state, as parsing, encoding and packing (engine/log_payload.h), belongs before Submit, on the many threads, where it runs
// during the syncs of earlier groups.
//
// Idea: DeWitt et al., Implementation Techniques for Main Memory Database Systems, 1984.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <future>
#include <mutex>
#include <span>
#include <thread>
#include <utility>
#include <vector>

#include <absl/functional/any_invocable.h>
#include <absl/status/status.h>

#include "index/thread_name.h"
#include "index/thread_priority.h"

namespace clientele {

// What a group is committed to. Called by the committing thread only; must not throw.
template <class Write>
class CommitTarget {
 public:
  virtual ~CommitTarget() = default;

  // Decides about each write, in order, with the earlier ones of the group as good as applied. A write that is refused (its
  // condition does not hold, say) keeps that in itself: it goes through the other steps, which leave it alone, because its reply
  // must not be given before what it was refused for is durable.
  virtual void Validate(std::span<Write> group) = 0;

  // Makes the group durable, or none of it. An error becomes that of every write of the group, and Apply is not called.
  virtual absl::Status Append(std::span<Write> group) = 0;

  // Makes the group visible, all at once.
  virtual void Apply(std::span<Write> group) = 0;

  // After the group's callbacks, if Apply was called: whatever need not be done before them.
  virtual void Finish() {}
};

struct GroupCommitOptions {
  // A group takes what waits up to these bounds, and at least one write.
  std::size_t group_writes_max = 4'096;
  std::uint64_t group_bytes_max = 8 << 20;
  // Beyond these, writes are not accepted. A write that is larger than `waiting_bytes_max` is accepted when nothing else waits.
  std::size_t waiting_writes_max = 16'384;
  std::uint64_t waiting_bytes_max = 128 << 20;
  // A group waits for those who were just answered when they, and who waited meanwhile, are at least so many, and Append takes at
  // least so long; then for this part of that time at most.
  std::size_t patient_writers_min = 8;
  std::chrono::microseconds patient_append_min{1'000};
  double patience = .25;
};

// Thread-safe.
template <class Write>
class GroupCommit {
 public:
  // Called once, on the committing thread: OK, or Append's error. The write may be moved from. Must not block or throw (an event
  // loop posts it to itself); may Submit.
  using Done = absl::AnyInvocable<void(const absl::Status& status, Write& write)>;

  struct Figures {
    std::uint64_t groups = 0, writes = 0;  // Committed since the start, failed ones included.
    std::uint64_t waiting = 0;
  };

  // `target` must live as long as this.
  explicit GroupCommit(CommitTarget<Write>& target, const GroupCommitOptions& options = {})
      : target_(target), options_(options), committing_([this] { Run(); }) {}
  ~GroupCommit() { Stop(); }

  // Does not wait. `bytes` is what the write is counted with against the bounds. Unavailable, and `done` is dropped uncalled: too
  // much waits, or Stop was called.
  absl::Status Submit(Write write, std::uint64_t bytes, Done done) {
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) return absl::UnavailableError("writes are no longer accepted: the program ends");
      if (!waiting_.empty() &&
          (waiting_.size() >= options_.waiting_writes_max || waiting_bytes_ + bytes > options_.waiting_bytes_max)) {
        return absl::UnavailableError("too many writes are waiting");
      }
      waiting_.push_back({std::move(write), bytes, std::move(done)});
      waiting_bytes_ += bytes;
      // Otherwise it is awake, has been told, or waits for more.
      const bool are_all = waiting_.size() == std::min(writers_, options_.group_writes_max);
      if (waiting_.size() > 1 && !are_all) return absl::OkStatus();
    }
    work_.notify_one();
    return absl::OkStatus();
  }

  // Submits and waits: Submit's error or Append's. The write is given back in place. Not from a callback.
  absl::Status Commit(Write& write, std::uint64_t bytes) {
    std::promise<absl::Status> promise;
    absl::Status submitted = Submit(std::move(write), bytes, [&](const absl::Status& status, Write& committed) {
      write = std::move(committed);
      promise.set_value(status);
    });
    return submitted.ok() ? promise.get_future().get() : submitted;
  }

  // Commits what waits, and ends. Not from a callback.
  void Stop() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    work_.notify_one();
    if (committing_.joinable()) committing_.join();
  }

  Figures figures() const {
    const std::lock_guard lock(mutex_);
    return {.groups = groups_, .writes = writes_, .waiting = waiting_.size()};
  }

 private:
  struct Waiting {
    Write write;
    std::uint64_t bytes;
    Done done;
  };

  void Run() {
    NameThread("commit");
    // Woken soon after a sync; and who gives its core away while it applies a group gives no more away than a slice.
    ShortenTimeSlices();
    std::vector<Write> group;
    std::vector<Done> done;
    while (Gather(group, done)) {
      target_.Validate(group);
      const auto append_start = Clock::now();
      const absl::Status status = target_.Append(group);
      append_time_ = (append_time_ * 7 + (Clock::now() - append_start)) / 8;
      if (status.ok()) target_.Apply(group);
      {
        const std::lock_guard lock(mutex_);
        writers_ = group.size() + waiting_.size();
      }
      for (std::size_t index = 0; index < group.size(); ++index) done[index](status, group[index]);
      if (status.ok()) target_.Finish();
      group.clear();
      done.clear();
    }
  }

  // False when nothing waits and nothing will.
  bool Gather(std::vector<Write>& group, std::vector<Done>& done) {
    std::unique_lock lock(mutex_);
    work_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (writers_ >= options_.patient_writers_min && append_time_ >= options_.patient_append_min) {
      work_.wait_for(lock, std::chrono::duration_cast<Clock::duration>(append_time_ * options_.patience),
                     [this] { return stopping_ || waiting_.size() >= writers_ || waiting_.size() >= options_.group_writes_max; });
    }
    writers_ = 0;
    std::uint64_t group_bytes = 0;
    while (!waiting_.empty() && group.size() < options_.group_writes_max) {
      Waiting& next = waiting_.front();
      if (!group.empty() && group_bytes + next.bytes > options_.group_bytes_max) break;
      group_bytes += next.bytes;
      group.push_back(std::move(next.write));
      done.push_back(std::move(next.done));
      waiting_.pop_front();
    }
    waiting_bytes_ -= group_bytes;
    groups_ += !group.empty();
    writes_ += group.size();
    return !group.empty();
  }

  CommitTarget<Write>& target_;
  const GroupCommitOptions options_;
  // std::mutex, not Abseil's: see server/worker_pool.h.
  mutable std::mutex mutex_;
  std::condition_variable work_;
  using Clock = std::chrono::steady_clock;
  Clock::duration append_time_{};  // Of late; of the committing thread only.
  std::deque<Waiting> waiting_;    // Guarded by mutex_, as is all up to the thread.
  std::size_t writers_ = 0;        // Before a group is gathered: who was in the last one, and who waited when it was applied.
  std::uint64_t waiting_bytes_ = 0;
  std::uint64_t groups_ = 0, writes_ = 0;
  bool stopping_ = false;
  std::thread committing_;
};

}  // namespace clientele
