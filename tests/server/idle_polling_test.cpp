#include "server/idle_polling.h"

#include <chrono>

#include <catch2/catch.hpp>

namespace clientele {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

class IdleLoop {
 public:
  // Runs out of work, and gets a request so much later. True: it looked for it all the while.
  bool Pause(IdlePolling::Clock::duration pause) {
    const auto begin = now_;
    now_ += pause;
    const bool polls = polling_.Begin(begin);
    const bool sleeps = !polls || polling_.GivesUp(now_);
    polling_.End(now_);
    return !sleeps;
  }
  // Runs out of work, and is woken by something that is no request.
  bool Wake(IdlePolling::Clock::duration pause) {
    const bool polls = polling_.Begin(now_);
    now_ += pause;
    return polls && !polling_.GivesUp(now_);
  }

 private:
  IdlePolling polling_;
  IdlePolling::Clock::time_point now_{std::chrono::hours(1)};
};

TEST_CASE("a loop polls once requests come quickly, and sleeps when they do no more", "[idle_polling]") {
  IdleLoop loop;
  CHECK_FALSE(loop.Pause(microseconds(50)));  // Nothing is known yet.
  CHECK(loop.Pause(microseconds(50)));
  CHECK(loop.Pause(IdlePolling::kLongest));
  CHECK_FALSE(loop.Pause(milliseconds(1)));   // Looked for in vain,
  CHECK_FALSE(loop.Pause(microseconds(50)));  // and so not looked for again, until one would have been found.
  CHECK(loop.Pause(microseconds(50)));
}

TEST_CASE("ticks of an idle loop are not polled for", "[idle_polling]") {
  IdleLoop loop;
  loop.Pause(microseconds(50));
  CHECK_FALSE(loop.Wake(milliseconds(250)));
  CHECK_FALSE(loop.Wake(microseconds(10)));
  CHECK_FALSE(loop.Pause(microseconds(10)));
  CHECK(loop.Pause(microseconds(10)));
}

}  // namespace
}  // namespace clientele
