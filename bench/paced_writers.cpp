#include "bench/paced_writers.h"

#include <algorithm>
#include <chrono>
#include <random>

#include "loader/generator.h"

namespace clientele {
namespace {

using Clock = std::chrono::steady_clock;

// Made ahead: generating costs about as much as writing.
constexpr std::size_t kRecords = 100'000;

}  // namespace

PacedWriters::PacedWriters(const PaceOptions& options, std::uint64_t seed, std::uint64_t clients,
                           const std::function<WriteRecords()>& new_writer)
    : options_(options) {
  const Generator generator(seed, clients);
  std::mt19937_64 random(seed + 11);
  for (std::size_t i = 0; i < kRecords; ++i) {
    records_.emplace_back();
    generator.AppendClient(std::uniform_int_distribution<std::uint64_t>(0, clients - 1)(random), records_.back());
    records_.back().pop_back();  // The newline.
  }
  for (std::size_t i = 0; i < options_.threads; ++i) threads_.emplace_back([this, i, write = new_writer()] { Run(i, write); });
}

PacedWriters::~PacedWriters() {
  stopping_ = true;
  for (std::thread& thread : threads_) thread.join();
}

void PacedWriters::Run(std::size_t thread, const WriteRecords& write) {
  const std::chrono::duration<double> interval(static_cast<double>(options_.batch * options_.threads) /
                                               static_cast<double>(options_.records_per_second));
  const auto step = std::chrono::duration_cast<Clock::duration>(interval);
  auto next = Clock::now() + step * static_cast<Clock::rep>(thread) / static_cast<Clock::rep>(options_.threads);
  std::vector<std::string> batch(options_.batch);
  for (std::size_t at = thread * (kRecords / options_.threads); !stopping_; next += step) {
    for (std::string& record : batch) record = records_[at++ % kRecords];
    std::this_thread::sleep_until(next);
    const auto began = Clock::now();
    write(batch);
    const auto took = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - began);
    written_ += batch.size();
    std::uint64_t slowest = slowest_us_;
    while (static_cast<std::uint64_t>(took.count()) > slowest &&
           !slowest_us_.compare_exchange_weak(slowest, static_cast<std::uint64_t>(took.count()))) {
    }
  }
}

}  // namespace clientele
