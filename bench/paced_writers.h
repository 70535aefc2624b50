// Threads that write clients of a generated set anew, at a steady pace together.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace clientele {

// Writes records (one JSON object each) durably, and returns when they are acknowledged. One for each thread.
using WriteRecords = std::function<void(const std::vector<std::string>& records)>;

struct PaceOptions {
  std::uint64_t records_per_second = 10'000;  // Of all threads together.
  std::size_t batch = 1;                      // Records that are written at once.
  std::size_t threads = 64;
};

// Writes until it is destroyed. A thread that falls behind catches up as fast as it can.
class PacedWriters {
 public:
  // `new_writer` is called once for each thread. Of `seed` and `clients`: as of the set.
  PacedWriters(const PaceOptions& options, std::uint64_t seed, std::uint64_t clients,
               const std::function<WriteRecords()>& new_writer);
  ~PacedWriters();

  std::uint64_t written() const { return written_; }
  double slowest_ms() const { return static_cast<double>(slowest_us_) * 1e-3; }  // Until a batch was acknowledged.

 private:
  void Run(std::size_t thread, const WriteRecords& write);

  const PaceOptions options_;
  std::vector<std::string> records_;
  std::atomic<std::uint64_t> written_ = 0, slowest_us_ = 0;
  std::atomic<bool> stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace clientele
