// Measures phases for explain only: reading the clock would be a good part of the cheapest queries.
#pragma once

#include <chrono>

namespace clientele {

class Stopwatch {
 public:
  explicit Stopwatch(bool runs) : start_(runs ? Clock::now() : Clock::time_point()), runs_(runs) {}
  double Microseconds() const { return runs_ ? std::chrono::duration<double, std::micro>(Clock::now() - start_).count() : 0; }

 private:
  using Clock = std::chrono::steady_clock;
  const Clock::time_point start_;
  const bool runs_;
};

}  // namespace clientele
