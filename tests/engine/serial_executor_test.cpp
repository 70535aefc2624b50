#include "engine/serial_executor.h"

#include <algorithm>
#include <cstdlib>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "index/thread_priority.h"

namespace clientele {
namespace {

int NicenessOfThisThread() {
  return getpriority(PRIO_PROCESS, static_cast<id_t>(syscall(SYS_gettid)));
}

}  // namespace

TEST_CASE("what a serial executor runs for a thread of low priority has the priority of who made it", "[serial_executor]") {
  const int usual = NicenessOfThisThread();
  SerialExecutor executor;
  int lowered = usual, prompt = -1;
  std::thread([&] {
    LowerThreadPriority(3);
    lowered = NicenessOfThisThread();
    executor.Run([&] { prompt = NicenessOfThisThread(); });
  }).join();
  CHECK(lowered == std::min(usual + 3, 19));
  CHECK(prompt == usual);
}

TEST_CASE("a serial executor runs one function at a time, and each before its caller goes on", "[serial_executor]") {
  SerialExecutor executor;
  int running = 0, runs = 0, overlaps = 0;  // Not atomic: ThreadSanitizer would tell.
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 4; ++caller) {
    callers.emplace_back([&] {
      for (int i = 0; i < 500; ++i) {
        bool is_done = false;
        executor.Run([&] {
          overlaps += running++;
          ++runs;
          --running;
          is_done = true;
        });
        if (!is_done) std::abort();
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  CHECK(runs == 2'000);
  CHECK(overlaps == 0);
}

}  // namespace clientele
