// Whether a loop that has run out of work looks for more before it sleeps. Waking a sleeping thread costs 30 to 60 us on a
// virtual machine, as much as most answers take, and a client that asks again and again comes back sooner than that. So a loop
// looks on for a while, but only when the last pause was so short that this would have paid. After the halt polling of KVM, whose
// guests have the same choice. Used by one thread.
#pragma once

#include <chrono>

namespace clientele {

class IdlePolling {
 public:
  using Clock = std::chrono::steady_clock;

  static constexpr std::chrono::microseconds kLongest{200};  // So much is wasted when nothing comes, once for a run of requests.

  // There is nothing to do from `now` on. True: worth looking for work until GivesUp; else it is better to sleep at once.
  bool Begin(Clock::time_point now) {
    idle_since_ = now;
    return last_pause_ <= kLongest;
  }
  bool GivesUp(Clock::time_point now) {
    if (now - idle_since_ <= kLongest) return false;
    last_pause_ = Clock::duration::max();  // Whatever else comes before the next request.
    return true;
  }

  // A request is here, whether it was looked or slept for.
  void End(Clock::time_point now) { last_pause_ = now - idle_since_; }

 private:
  Clock::time_point idle_since_{};
  Clock::duration last_pause_ = Clock::duration::max();
};

}  // namespace clientele
