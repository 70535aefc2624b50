// The fork-join loops of building and querying: oneTBB's, by one name each.
//
// Under ThreadSanitizer plain threads run the same bodies instead. The system's oneTBB is not instrumented, so the sanitizer
// would not see that a loop's end comes after its bodies and would report every result as a race; with threads that it knows,
// what it reports is ours.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>

#if defined(__SANITIZE_THREAD__)
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>
#else
#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>
#include <tbb/parallel_sort.h>
#include <tbb/task_arena.h>
#endif

namespace clientele {

// Thrown out of a loop that is cancelled, and of all loops around it, up to WithCancellation's caller.
struct LoopCancelled {};

namespace parallel_detail {

// What the loops that a thread starts have to keep to; handed on to the threads that run their bodies.
inline thread_local const std::function<bool()>* cancelled = nullptr;
#if defined(__SANITIZE_THREAD__)
inline thread_local std::size_t width = 4;
#endif

// Sets one of these for as long as it lives.
template <class T>
class Scoped {
 public:
  Scoped(T& place, T value) : place_(place), before_(std::exchange(place, value)) {}
  ~Scoped() { place_ = before_; }
  Scoped(const Scoped&) = delete;
  Scoped& operator=(const Scoped&) = delete;

 private:
  T& place_;
  const T before_;
};

}  // namespace parallel_detail

// Within WithCancellation: throws LoopCancelled when its caller does not want the result any more. For long serial loops.
inline void ThrowIfCancelled() {
  if (parallel_detail::cancelled != nullptr && (*parallel_detail::cancelled)()) throw LoopCancelled();
}

// Calls body() so that it and the loops in it stop soon after `cancelled` gives true, by throwing LoopCancelled. `cancelled` is
// called from several threads at once, about once per grain of work.
template <class Body>
void WithCancellation(const std::function<bool()>& cancelled, const Body& body) {
  const parallel_detail::Scoped<const std::function<bool()>*> scope(parallel_detail::cancelled, cancelled ? &cancelled : nullptr);
  body();
}

// Calls body() so that the loops in it use at most so many threads, the calling one among them; 0: no bound.
template <class Body>
void WithThreads(std::uint32_t threads, const Body& body) {
  if (threads == 0) return body();
#if defined(__SANITIZE_THREAD__)
  const parallel_detail::Scoped<std::size_t> scope(parallel_detail::width, threads);
  body();
#else
  tbb::task_arena arena(static_cast<int>(threads), 1);
  arena.execute(body);
#endif
}

// How many threads a loop may use.
inline std::size_t ParallelWidth() {
#if defined(__SANITIZE_THREAD__)
  return parallel_detail::width;
#else
  return static_cast<std::size_t>(tbb::this_task_arena::max_concurrency());
#endif
}

namespace parallel_detail {

template <class Body>
void RunRanges(std::size_t begin, std::size_t end, std::size_t grain, const Body& body) {
#if defined(__SANITIZE_THREAD__)
  const std::size_t parts = std::min((end - begin + grain - 1) / grain, 4 * ParallelWidth());
  const auto edge = [&](std::size_t part) { return begin + (end - begin) * part / parts; };
  std::atomic<std::size_t> next = 0;
  std::mutex failing;
  std::exception_ptr failure;
  const auto work = [&, width = ParallelWidth()] {
    const Scoped<std::size_t> scope(parallel_detail::width, width);
    try {
      for (std::size_t part = next++; part < parts; part = next++) body(edge(part), edge(part + 1));
    } catch (...) {
      const std::lock_guard lock(failing);
      failure = std::current_exception();
      next = parts;
    }
  };
  std::vector<std::thread> threads;
  for (std::size_t i = 1; i < std::min(parts, ParallelWidth()); ++i) threads.emplace_back(work);
  work();
  for (std::thread& thread : threads) thread.join();
  if (failure) std::rethrow_exception(failure);
#else
  tbb::parallel_for(tbb::blocked_range<std::size_t>(begin, end, grain),
                    [&](const tbb::blocked_range<std::size_t>& range) { body(range.begin(), range.end()); });
#endif
}

}  // namespace parallel_detail

// Calls body(first, last) for ranges of about `grain` or more that together are [begin, end). Returns when all are done. What a
// body throws comes out of the call, and ranges that have not begun are left out.
template <class Body>
void ParallelRanges(std::size_t begin, std::size_t end, std::size_t grain, const Body& body) {
  if (begin >= end) return;
  const std::function<bool()>* const cancelled = parallel_detail::cancelled;
  if (cancelled == nullptr) return parallel_detail::RunRanges(begin, end, grain, body);
  // In steps of the grain, so that nobody waits for a long range when it is cancelled.
  parallel_detail::RunRanges(begin, end, grain, [&](std::size_t first, std::size_t last) {
    const parallel_detail::Scoped<const std::function<bool()>*> scope(parallel_detail::cancelled, cancelled);
    for (std::size_t at = first; at < last; at += std::min(grain, last - at)) {
      ThrowIfCancelled();
      body(at, at + std::min(grain, last - at));
    }
  });
}

// Calls body(i) for each i below `count`, for bodies that are worth a task each.
template <class Body>
void ParallelFor(std::size_t count, const Body& body) {
  ParallelRanges(0, count, 1, [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) body(i);
  });
}

// Calls body() so that the loops in it, while they wait for other threads, take up none of these threads' work from elsewhere:
// for bodies that hold a lock.
template <class Body>
void Isolated(const Body& body) {
#if defined(__SANITIZE_THREAD__)
  body();
#else
  tbb::this_task_arena::isolate(body);
#endif
}

// Sorts in place; not stable.
template <class Iterator, class Less = std::less<>>
void ParallelSort(Iterator begin, Iterator end, Less less = {}) {
#if defined(__SANITIZE_THREAD__)
  std::sort(begin, end, less);
#else
  tbb::parallel_sort(begin, end, less);
#endif
}

}  // namespace clientele
