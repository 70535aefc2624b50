#include "index/page_recycling.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <mutex>
#include <new>
#include <vector>

#include <absl/base/thread_annotations.h>
#include <sys/mman.h>

#include "index/huge_mapping.h"

namespace clientele {
namespace {

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

// Moves the huge page at `from` to `to`, whatever is mapped there. One at a time: a piece may consist of several mappings, which
// do not move together. False when the system refuses; `to` is then fresh memory.
bool MoveHugePage(std::byte* from, std::byte* to) {
  if (mremap(from, kHugePageBytes, kHugePageBytes, MREMAP_MAYMOVE | MREMAP_FIXED, to) != MAP_FAILED) return true;
  constexpr int kFlags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED;
  if (mmap(to, kHugePageBytes, PROT_READ | PROT_WRITE, kFlags, -1, 0) == MAP_FAILED) throw std::bad_alloc();
  return false;
}

// Moves the huge pages of `piece` to `to` and on, as many as fit before `end`; returns where they end.
std::byte* MovePages(Kept& piece, std::byte* to, std::byte* end) {
  while (piece.bytes >= kHugePageBytes && static_cast<std::size_t>(end - to) >= kHugePageBytes && MoveHugePage(piece.begin, to)) {
    to += kHugePageBytes;
    piece = {piece.begin + kHugePageBytes, piece.bytes - kHugePageBytes};
  }
  return to;
}

// A new mapping of `bytes` into which the huge pages of kept pieces have been moved; where they do not suffice, its memory is
// fresh. Null when there are no such pages. Moving one takes microseconds, zeroing a fresh one a hundred and more.
std::byte* Assemble(std::vector<Kept>& kept, std::size_t bytes) {
  const auto has_page = [](const Kept& piece) { return piece.bytes >= kHugePageBytes; };
  if (bytes < kHugePageBytes || std::ranges::none_of(kept, has_page)) return nullptr;
  std::byte* const begin = static_cast<std::byte*>(MapHugePages(bytes));
  std::byte* fresh = begin;
  for (Kept& piece : kept) fresh = MovePages(piece, fresh, begin + bytes);
  std::erase_if(kept, [](const Kept& piece) { return piece.bytes == 0; });
  GiveBack(kept, static_cast<std::size_t>(begin + bytes - fresh));
  return begin;
}

// The start of the smallest piece that holds `bytes`; null when none does.
std::byte* TakeBestFit(std::vector<Kept>& kept, std::size_t bytes) {
  auto best = kept.end();
  for (auto piece = kept.begin(); piece != kept.end(); ++piece) {
    if (piece->bytes >= bytes && (best == kept.end() || piece->bytes < best->bytes)) best = piece;
  }
  if (best == kept.end()) return nullptr;
  std::byte* const begin = best->begin;
  // The rest starts at a huge page of its own; what lies between is unmapped.
  const std::size_t rest_at = std::min((bytes + kHugePageBytes - 1) / kHugePageBytes * kHugePageBytes, best->bytes);
  if (rest_at > bytes) munmap(begin + bytes, rest_at - bytes);
  if (rest_at < best->bytes)
    *best = {begin + rest_at, best->bytes - rest_at};
  else
    kept.erase(best);
  return begin;
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
  std::byte* begin = TakeBestFit(pool.kept, bytes);
  if (begin == nullptr) begin = Assemble(pool.kept, bytes);
  if (begin == nullptr) {
    GiveBack(pool.kept, bytes);
    return nullptr;
  }
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
