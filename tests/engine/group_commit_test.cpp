#include "engine/group_commit.h"

#include <atomic>
#include <chrono>
#include <functional>
#include <latch>
#include <string>
#include <thread>

#include <catch2/catch.hpp>

namespace clientele {
namespace {

// Notes what it is asked, and holds the first Append until it is let go, so that writes can gather.
class NotingTarget : public CommitTarget<int> {
 public:
  void Validate(std::span<int> group) override { steps.push_back("validate " + Text(group)); }
  absl::Status Append(std::span<int> group) override {
    if (is_first_) entered.count_down(), release.wait();
    is_first_ = false;
    std::this_thread::sleep_for(append_time);
    steps.push_back("append " + Text(group));
    return failure;
  }
  void Apply(std::span<int> group) override {
    steps.push_back("apply " + Text(group));
    for (int& write : group) write *= 10;
  }
  void Finish() override { steps.push_back("finish"); }

  std::latch entered{1}, release{1};
  std::vector<std::string> steps;
  absl::Status failure;
  std::chrono::milliseconds append_time{0};

 private:
  static std::string Text(std::span<const int> group) {
    std::string text;
    for (const int write : group) text += std::to_string(write) + " ";
    return text;
  }
  bool is_first_ = true;
};

// Hands in 1, and, while it is being appended, the others.
void SubmitBehindFirst(NotingTarget& target, GroupCommit<int>& commit, const std::vector<int>& others) {
  const auto done = [&target](const absl::Status& status, int& write) {
    target.steps.push_back((status.ok() ? "ok " : "failed ") + std::to_string(write));
  };
  REQUIRE(commit.Submit(1, 1, done).ok());
  target.entered.wait();
  for (const int other : others) REQUIRE(commit.Submit(other, 1, done).ok());
  target.release.count_down();
  commit.Stop();
}

TEST_CASE("writes that wait for a sync share the next one", "[engine][group_commit]") {
  NotingTarget target;
  GroupCommit<int> commit(target);
  SubmitBehindFirst(target, commit, {2, 3, 4});
  CHECK(target.steps == std::vector<std::string>{"validate 1 ", "append 1 ", "apply 1 ", "ok 10", "finish", "validate 2 3 4 ",
                                                 "append 2 3 4 ", "apply 2 3 4 ", "ok 20", "ok 30", "ok 40", "finish"});
  CHECK(commit.figures().groups == 2);
  CHECK(commit.figures().writes == 4);
  CHECK(commit.figures().waiting == 0);
}

TEST_CASE("where syncs take long, a group waits for the writers of the last one", "[engine][group_commit]") {
  NotingTarget target;
  target.append_time = std::chrono::milliseconds(2);
  GroupCommit<int> commit(target, {.patient_append_min = std::chrono::microseconds(1), .patience = 1e6});
  std::latch first_answered(1), answered(8);
  const auto done = [&answered](const absl::Status&, int&) { answered.count_down(); };
  REQUIRE(commit.Submit(1, 1, [&](const absl::Status&, int&) { first_answered.count_down(); }).ok());
  target.entered.wait();
  for (int write = 2; write < 9; ++write) REQUIRE(commit.Submit(write, 1, done).ok());
  target.release.count_down();
  first_answered.wait();
  REQUIRE(commit.Submit(9, 1, done).ok());  // The first one's next.
  answered.wait();
  // Some group's time apart: each would be in a group of its own.
  for (int write = 12; write < 20; ++write) {
    std::this_thread::sleep_for(2 * target.append_time);
    REQUIRE(commit.Submit(write, 1, [](const absl::Status&, int&) {}).ok());
  }
  commit.Stop();
  CHECK(commit.figures().groups == 3);
}

TEST_CASE("a group does not wait long for who does not write again", "[engine][group_commit]") {
  NotingTarget target;
  target.append_time = std::chrono::milliseconds(2);
  GroupCommit<int> commit(target, {.patient_append_min = std::chrono::microseconds(1)});
  SubmitBehindFirst(target, commit, {2, 3, 4, 5, 6, 7, 8, 9});
  GroupCommit<int> again(target, {.patient_append_min = std::chrono::microseconds(1)});
  for (int write = 0; write < 9; ++write) REQUIRE(again.Submit(write, 1, [](const absl::Status&, int&) {}).ok());
  int write = 10;
  CHECK(again.Commit(write, 1).ok());  // Returns: one of nine came back.
  CHECK(write == 100);
}

TEST_CASE("a group that cannot be appended is not applied, and all its writes are told", "[engine][group_commit]") {
  NotingTarget target;
  target.failure = absl::ResourceExhaustedError("full");
  GroupCommit<int> commit(target);
  SubmitBehindFirst(target, commit, {2, 3});
  CHECK(target.steps ==
        std::vector<std::string>{"validate 1 ", "append 1 ", "failed 1", "validate 2 3 ", "append 2 3 ", "failed 2", "failed 3"});
}

TEST_CASE("a group takes no more writes and bytes than it may", "[engine][group_commit]") {
  NotingTarget by_writes, by_bytes;
  GroupCommit<int> pairs(by_writes, {.group_writes_max = 2});
  SubmitBehindFirst(by_writes, pairs, {2, 3, 4, 5, 6});
  CHECK(pairs.figures().groups == 4);  // 1; 2 3; 4 5; 6
  GroupCommit<int> threes(by_bytes, {.group_bytes_max = 3});
  SubmitBehindFirst(by_bytes, threes, {2, 3, 4, 5, 6});
  CHECK(threes.figures().groups == 3);  // 1; 2 3 4; 5 6
}

TEST_CASE("a write beyond what may wait is refused at once", "[engine][group_commit]") {
  NotingTarget target;
  GroupCommit<int> commit(target, {.waiting_writes_max = 2, .waiting_bytes_max = 100});
  std::atomic<int> called = 0;
  const auto done = [&called](const absl::Status&, int&) { ++called; };
  REQUIRE(commit.Submit(1, 1, done).ok());
  target.entered.wait();
  // More than may wait at all, but nothing else does.
  CHECK(commit.Submit(2, 1'000, done).ok());
  CHECK(absl::IsUnavailable(commit.Submit(3, 1, done)));
  target.release.count_down();
  commit.Stop();
  CHECK(called == 2);
  CHECK(absl::IsUnavailable(commit.Submit(4, 1, done)));
}

TEST_CASE("the number of writes that may wait is kept as well", "[engine][group_commit]") {
  NotingTarget target;
  GroupCommit<int> commit(target, {.waiting_writes_max = 2});
  const auto done = [](const absl::Status&, int&) {};
  REQUIRE(commit.Submit(1, 1, done).ok());
  target.entered.wait();
  CHECK(commit.Submit(2, 1, done).ok());
  CHECK(commit.Submit(3, 1, done).ok());
  CHECK(absl::IsUnavailable(commit.Submit(4, 1, done)));
  target.release.count_down();
}

// Adds numbers up; what is appended is what was applied, one group later at most.
class AddingTarget : public CommitTarget<std::uint64_t> {
 public:
  void Validate(std::span<std::uint64_t>) override {}
  absl::Status Append(std::span<std::uint64_t> group) override {
    for (const std::uint64_t write : group) appended += write;
    return absl::OkStatus();
  }
  void Apply(std::span<std::uint64_t> group) override {
    for (std::uint64_t& write : group) applied += std::exchange(write, 0);
  }
  std::uint64_t appended = 0;
  std::atomic<std::uint64_t> applied = 0;
};

TEST_CASE("every write of many threads is committed once and is visible when its reply is", "[engine][group_commit]") {
  constexpr std::uint64_t kThreads = 8, kWrites = 2'000;
  AddingTarget target;
  GroupCommit<std::uint64_t> commit(target);
  std::atomic<std::uint64_t> wrong = 0;
  std::vector<std::thread> threads;
  for (std::uint64_t thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&] {
      std::uint64_t own = 0;
      for (std::uint64_t number = 1; number <= kWrites; ++number) {
        std::uint64_t write = number;
        const absl::Status status = commit.Commit(write, 8);
        own += number;
        wrong += !status.ok() || write != 0 || target.applied < own;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  commit.Stop();
  CHECK(wrong == 0);
  CHECK(target.applied == kThreads * kWrites * (kWrites + 1) / 2);
  CHECK(target.appended == target.applied);
  CHECK(commit.figures().groups <= kThreads * kWrites);
}

TEST_CASE("a callback may hand in the next write", "[engine][group_commit]") {
  AddingTarget target;
  std::latch finished(3);
  GroupCommit<std::uint64_t> commit(target);
  std::atomic<int> refused = 0;
  std::function<void(std::uint64_t)> submit = [&](std::uint64_t left) {
    refused += !commit
                    .Submit(left, 8,
                            [&, left](const absl::Status&, std::uint64_t&) {
                              if (left > 1) submit(left - 1);
                              finished.count_down();
                            })
                    .ok();
  };
  submit(3);
  finished.wait();
  commit.Stop();
  CHECK(refused == 0);
  CHECK(target.applied == 6);
}

}  // namespace
}  // namespace clientele
