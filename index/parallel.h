// The fork-join loops of building and querying: oneTBB's, by one name each.
//
// Under ThreadSanitizer plain threads run the same bodies instead. The system's oneTBB is not instrumented, so the sanitizer
// would not see that a loop's end comes after its bodies and would report every result as a race; with threads that it knows,
// what it reports is ours.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>

#if defined(__SANITIZE_THREAD__)
#include <atomic>
#include <thread>
#include <vector>
#else
#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>
#include <tbb/parallel_sort.h>
#include <tbb/task_arena.h>
#endif

namespace clientele {

// How many threads a loop may use.
inline std::size_t ParallelWidth() {
#if defined(__SANITIZE_THREAD__)
  return 4;
#else
  return static_cast<std::size_t>(tbb::this_task_arena::max_concurrency());
#endif
}

// Calls body(first, last) for ranges of about `grain` or more that together are [begin, end). Returns when all are done.
template <class Body>
void ParallelRanges(std::size_t begin, std::size_t end, std::size_t grain, const Body& body) {
  if (begin >= end) return;
#if defined(__SANITIZE_THREAD__)
  const std::size_t parts = std::min((end - begin + grain - 1) / grain, 4 * ParallelWidth());
  const auto edge = [&](std::size_t part) { return begin + (end - begin) * part / parts; };
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t part = next++; part < parts; part = next++) body(edge(part), edge(part + 1));
  };
  std::vector<std::thread> threads;
  for (std::size_t i = 1; i < std::min(parts, ParallelWidth()); ++i) threads.emplace_back(work);
  work();
  for (std::thread& thread : threads) thread.join();
#else
  tbb::parallel_for(tbb::blocked_range<std::size_t>(begin, end, grain),
                    [&](const tbb::blocked_range<std::size_t>& range) { body(range.begin(), range.end()); });
#endif
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
