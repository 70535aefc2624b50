#include "server/worker_pool.h"

#include <atomic>
#include <latch>

#include <catch2/catch.hpp>

namespace clientele {
namespace {

TEST_CASE("every job that was let in runs once", "[server][pool]") {
  std::atomic<int> ran{0};
  std::latch done(1'000);
  WorkerPool pool(3, 1'000);
  for (int i = 0; i < 1'000; ++i) {
    REQUIRE(pool.TrySubmit([&] {
      ++ran;
      done.count_down();
    }));
  }
  done.wait();
  CHECK(ran == 1'000);
}

TEST_CASE("a full waiting room lets nobody in but continuations", "[server][pool]") {
  WorkerPool pool(1, 2);
  std::latch begun(1), go(1), done(4);
  REQUIRE(pool.TrySubmit([&] { begun.count_down(), go.wait(), done.count_down(); }));
  begun.wait();  // It runs; it does not wait.
  CHECK(pool.TrySubmit([&] { done.count_down(); }));
  CHECK(pool.TrySubmit([&] { done.count_down(); }));
  CHECK(!pool.TrySubmit([] { FAIL("must not run"); }));
  pool.Submit([&] { done.count_down(); });
  go.count_down();
  done.wait();
}

TEST_CASE("a stop waits for what runs and drops what waits", "[server][pool]") {
  std::atomic<bool> finished{false};
  const auto token = std::make_shared<int>(0);
  WorkerPool pool(1, 10);
  std::latch begun(1);
  REQUIRE(pool.TrySubmit([&] {
    begun.count_down();
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    finished = true;
  }));
  begun.wait();
  REQUIRE(pool.TrySubmit([token] { FAIL("must not run"); }));
  pool.Stop();
  CHECK(finished);
  CHECK(token.use_count() == 1);
  CHECK(!pool.TrySubmit([] {}));
}

}  // namespace
}  // namespace clientele
