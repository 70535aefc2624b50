#include "index/page_recycling.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <mutex>
#include <vector>

#include <absl/base/thread_annotations.h>
#include <sys/mman.h>

namespace clientele {
namespace {

constexpr std::size_t kHugePageBytes = std::size_t{2} << 20;

struct Kept {
  std::byte* begin;
  std::size_t bytes;
};

struct Pool {
  std::atomic<int> users = 0;  // Read without the mutex: an array that is freed later must not pay for recycling.
  std::mutex mutex;
  std::vector<Kept> kept ABSL_GUARDED_BY(mutex);
};

// Never destroyed: arrays may be freed after it would be.
Pool& ThePool() {
  static Pool& pool = *new Pool;
  return pool;
}

// Gives kept memory back, the largest pieces first, until it is at least `bytes`.
void GiveBack(std::vector<Kept>& kept, std::size_t bytes) {
  std::ranges::sort(kept, {}, &Kept::bytes);
  for (std::size_t given = 0; given < bytes && !kept.empty(); kept.pop_back()) {
    munmap(kept.back().begin, kept.back().bytes);
    given += kept.back().bytes;
  }
}

}  // namespace

PageRecycling::PageRecycling() {
  ThePool().users.fetch_add(1);
}

PageRecycling::~PageRecycling() {
  Pool& pool = ThePool();
  const std::lock_guard lock(pool.mutex);
  if (pool.users.fetch_sub(1) > 1) return;
  for (const Kept& piece : pool.kept) munmap(piece.begin, piece.bytes);
  pool.kept = {};
}

void* TakeRecycled(std::size_t bytes) {
  Pool& pool = ThePool();
  if (pool.users.load(std::memory_order_relaxed) == 0) return nullptr;
  const std::lock_guard lock(pool.mutex);
  auto best = pool.kept.end();
  for (auto piece = pool.kept.begin(); piece != pool.kept.end(); ++piece) {
    if (piece->bytes >= bytes && (best == pool.kept.end() || piece->bytes < best->bytes)) best = piece;
  }
  if (best == pool.kept.end()) {
    GiveBack(pool.kept, bytes);
    return nullptr;
  }
  std::byte* const begin = best->begin;
  // The rest starts at a huge page of its own; what lies between is unmapped.
  const std::size_t rest_at = std::min((bytes + kHugePageBytes - 1) / kHugePageBytes * kHugePageBytes, best->bytes);
  if (rest_at > bytes) munmap(begin + bytes, rest_at - bytes);
  if (rest_at < best->bytes)
    *best = {begin + rest_at, best->bytes - rest_at};
  else
    pool.kept.erase(best);
#ifndef NDEBUG
  std::memset(begin, 0xA5, bytes);  // So that tests notice who takes recycled memory for zeroed.
#endif
  return begin;
}

bool KeepForRecycling(void* begin, std::size_t bytes) {
  Pool& pool = ThePool();
  if (pool.users.load(std::memory_order_relaxed) == 0) return false;
  const std::lock_guard lock(pool.mutex);
  if (pool.users.load() == 0) return false;  // The last user has just gone.
  pool.kept.push_back({static_cast<std::byte*>(begin), bytes});
  return true;
}

}  // namespace clientele
