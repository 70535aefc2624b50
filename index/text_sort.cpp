#include "index/text_sort.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstring>
#include <mutex>

#include <tbb/enumerable_thread_specific.h>

#include "index/parallel.h"

namespace clientele {
namespace {

static_assert(std::endian::native == std::endian::little);

using TextOf = absl::FunctionRef<std::string_view(std::uint32_t)>;

// A text on its way to its position. `key` caches the bytes from the depth on that its run has reached.
struct Entry {
  std::uint64_t key;
  std::uint32_t text;
  std::uint32_t starts_group;  // Whether the text differs from the one before it.
};

// Entries that agree in their first `depth` bytes, in the order of their numbers unless their keys are loaded and differ.
struct Run {
  Entry* begin;
  std::size_t count;
  std::size_t depth;
  bool keys_loaded;
};

constexpr std::size_t kKeyTextBytes = 7;
constexpr std::uint64_t kKeyGoesOn = 8;  // Low byte of a key whose text is longer than the key.
constexpr std::size_t kBucketTexts = 2048;
constexpr std::size_t kSplittersMax = 2047;  // One below a power of two, for the search without branches.
constexpr std::size_t kSamplesPerSplitter = 16;
constexpr std::size_t kSmallRun = 16;       // Compared text by text.
constexpr std::size_t kRadixRun = 128;      // From here on radix sort beats comparing keys.
constexpr std::size_t kLargeRun = 1 << 17;  // From here on one run is worth all cores.
constexpr std::size_t kGrain = 1 << 14;     // Entries per task of the simple loops.

// The 7 bytes of `text` from `depth` on in the order of comparison, then how many there are, at most 8. depth <= text.size().
std::uint64_t LoadKey(std::string_view text, std::size_t depth) {
  const char* const at = text.data() + depth;
  const std::size_t left = text.size() - depth;
  std::uint64_t raw = 0;
  if (left >= sizeof raw) {
    std::memcpy(&raw, at, sizeof raw);
    return (__builtin_bswap64(raw) & ~std::uint64_t{0xFF}) | kKeyGoesOn;
  }
  if (left >= 4) {  // Two loads that overlap and agree where they do.
    std::uint32_t first, last;
    std::memcpy(&first, at, 4);
    std::memcpy(&last, at + left - 4, 4);
    raw = first | std::uint64_t{last} << (8 * (left - 4));
  } else {
    for (std::size_t i = 0; i < left; ++i) raw |= std::uint64_t{static_cast<std::uint8_t>(at[i])} << (8 * i);
  }
  return __builtin_bswap64(raw) | left;
}

bool KeyHoldsWholeText(std::uint64_t key) {
  return (key & 0xFF) != kKeyGoesOn;
}

bool KeyThenNumber(const Entry& a, const Entry& b) {
  return a.key != b.key ? a.key < b.key : a.text < b.text;
}

std::size_t CommonPrefix(std::string_view a, std::string_view b, std::size_t limit) {
  limit = std::min({limit, a.size(), b.size()});
  std::size_t i = 0;
  for (; i + 8 <= limit; i += 8) {
    std::uint64_t x, y;
    std::memcpy(&x, a.data() + i, 8);
    std::memcpy(&y, b.data() + i, 8);
    if (x != y) return i + static_cast<std::size_t>(std::countr_zero(x ^ y)) / 8;
  }
  while (i < limit && a[i] == b[i]) ++i;
  return i;
}

// Stable least-significant-digit radix sort by key; digits that all entries share cost nothing.
void RadixSortByKey(std::span<Entry> run, std::vector<Entry>& scratch) {
  std::array<std::array<std::uint32_t, 256>, 8> counts{};
  for (const Entry& entry : run) {
    for (std::size_t digit = 0; digit < 8; ++digit) ++counts[digit][(entry.key >> (8 * digit)) & 0xFF];
  }
  if (scratch.size() < run.size()) scratch.resize(run.size());
  Entry* from = run.data();
  Entry* to = scratch.data();
  for (std::size_t digit = 0; digit < 8; ++digit) {
    auto& positions = counts[digit];
    if (positions[(from->key >> (8 * digit)) & 0xFF] == run.size()) continue;
    std::uint32_t next = 0;
    for (std::uint32_t& position : positions) next += std::exchange(position, next);
    for (std::size_t i = 0; i < run.size(); ++i) to[positions[(from[i].key >> (8 * digit)) & 0xFF]++] = from[i];
    std::swap(from, to);
  }
  if (from != run.data()) std::copy_n(from, run.size(), run.data());
}

// Calls `on_run(first, count)` for each stretch of equal keys that do not hold their whole texts, and marks where keys differ.
// `entries` are sorted by key. The first of a run always starts a group, and sorting may have moved its mark.
template <class OnRun>
void SplitByKey(std::span<Entry> entries, OnRun on_run) {
  for (std::size_t first = 0, end; first < entries.size(); first = end) {
    entries[first].starts_group = 1;
    for (end = first + 1; end < entries.size() && entries[end].key == entries[first].key; ++end) entries[end].starts_group = 0;
    if (end - first > 1 && !KeyHoldsWholeText(entries[first].key)) on_run(first, end - first);
  }
}

// Sorts runs within one thread. Work is kept in a list, not on the stack: hostile texts can nest as deep as they are long.
class RunSorter {
 public:
  void Sort(Run first_run, TextOf text_of) {
    pending_.push_back(first_run);
    while (!pending_.empty()) {
      Run run = pending_.back();
      pending_.pop_back();
      if (!run.keys_loaded && run.count <= kSmallRun) {
        SortByTexts(run, text_of);
        continue;
      }
      if (!run.keys_loaded && !LoadKeys(run, text_of)) continue;
      SortByKeys({run.begin, run.count});
      SplitByKey({run.begin, run.count}, [&](std::size_t first, std::size_t count) {
        pending_.push_back({run.begin + first, count, run.depth + kKeyTextBytes, false});
      });
    }
  }

 private:
  // Insertion sort of few entries by all that is left of their texts.
  static void SortByTexts(const Run& run, TextOf text_of) {
    std::array<std::string_view, kSmallRun> rest;
    for (std::size_t i = 0; i < run.count; ++i) {
      rest[i] = text_of(run.begin[i].text).substr(run.depth);
      __builtin_prefetch(rest[i].data());
    }
    for (std::size_t i = 1; i < run.count; ++i) {
      const std::string_view text = rest[i];
      const Entry entry = run.begin[i];
      std::size_t at = i;
      for (; at > 0 && text < rest[at - 1]; --at) {
        rest[at] = rest[at - 1];
        run.begin[at] = run.begin[at - 1];
      }
      rest[at] = text;
      run.begin[at] = entry;
    }
    for (std::size_t i = 0; i < run.count; ++i) run.begin[i].starts_group = i == 0 || rest[i] != rest[i - 1];
  }

  // Moves the run's depth on to where its texts first differ and loads the keys from there; false when all are equal.
  bool LoadKeys(Run& run, TextOf text_of) {
    rest_.resize(run.count);
    for (std::size_t i = 0; i < run.count; ++i) {
      rest_[i] = text_of(run.begin[i].text).substr(run.depth);
      __builtin_prefetch(rest_[i].data());
    }
    std::size_t common = rest_[0].size();
    bool all_equal = true;
    for (std::size_t i = 1; i < run.count; ++i) {
      common = CommonPrefix(rest_[0], rest_[i], common);
      all_equal = all_equal && common == rest_[0].size() && rest_[i].size() == common;
    }
    if (all_equal) return false;
    for (std::size_t i = 0; i < run.count; ++i) run.begin[i].key = LoadKey(rest_[i], common);
    run.depth += common;
    return true;
  }

  void SortByKeys(std::span<Entry> entries) {
    if (entries.size() >= kRadixRun)
      RadixSortByKey(entries, scratch_);
    else
      std::sort(entries.begin(), entries.end(), KeyThenNumber);
  }

  std::vector<Run> pending_;
  std::vector<Entry> scratch_;
  std::vector<std::string_view> rest_;
};

// The same as RunSorter::LoadKeys, on all cores.
bool LoadKeysInParallel(Run& run, TextOf text_of) {
  const std::string_view first = text_of(run.begin[0].text).substr(run.depth);
  std::mutex mutex;  // Guards what all ranges have in common; each takes it once.
  std::size_t common = first.size();
  bool all_equal = true;
  ParallelRanges(0, run.count, kGrain, [&](std::size_t begin, std::size_t end) {
    std::size_t common_here = first.size();
    bool all_equal_here = true;
    for (std::size_t i = begin; i < end; ++i) {
      const std::string_view text = text_of(run.begin[i].text).substr(run.depth);
      common_here = CommonPrefix(first, text, common_here);
      all_equal_here = all_equal_here && common_here == first.size() && text.size() == common_here;
    }
    const std::lock_guard lock(mutex);
    common = std::min(common, common_here);
    all_equal = all_equal && all_equal_here;
  });
  if (all_equal) return false;
  run.depth += common;
  ParallelRanges(0, run.count, kGrain, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) run.begin[i].key = LoadKey(text_of(run.begin[i].text), run.depth);
  });
  return true;
}

// Sorts all runs: small ones side by side, large ones one after the other, each on all cores. In place, as a copy of a large run
// would be a second copy of everything.
void SortRuns(std::vector<Run> runs, TextOf text_of) {
  tbb::enumerable_thread_specific<RunSorter> sorters;
  std::vector<Run> large;
  while (true) {
    const auto first_small = std::partition(runs.begin(), runs.end(), [](const Run& run) { return run.count >= kLargeRun; });
    large.insert(large.end(), runs.begin(), first_small);
    runs.erase(runs.begin(), first_small);
    ParallelFor(runs.size(), [&](std::size_t i) { sorters.local().Sort(runs[i], text_of); });
    runs.clear();
    if (large.empty()) return;
    Run run = large.back();
    large.pop_back();
    if (!run.keys_loaded && !LoadKeysInParallel(run, text_of)) continue;
    const std::span<Entry> entries(run.begin, run.count);
    // Checked first because a large bucket mostly holds one frequent key, and then it is sorted already.
    if (!std::is_sorted(entries.begin(), entries.end(), KeyThenNumber))
      ParallelSort(entries.begin(), entries.end(), KeyThenNumber);
    SplitByKey(entries, [&](std::size_t first, std::size_t count) {
      runs.push_back({run.begin + first, count, run.depth + kKeyTextBytes, false});
    });
  }
}

// Parts keys into 2 * splitters + 1 buckets: those between two splitters, and those equal to one.
class Splitters {
 public:
  Splitters(std::uint32_t n, TextOf text_of) {
    const std::size_t wanted = std::min(kSplittersMax, std::bit_ceil(n / (2 * kBucketTexts) + 1) - 1);
    std::vector<std::uint64_t> sample(wanted * kSamplesPerSplitter);
    std::uint64_t state = 0;
    for (std::uint64_t& key : sample) {
      state = state * 6364136223846793005u + 1442695040888963407u;  // Knuth's MMIX generator; its high bits pick the text.
      key = LoadKey(text_of(static_cast<std::uint32_t>(((state >> 32) * n) >> 32)), 0);
    }
    std::sort(sample.begin(), sample.end());
    for (std::size_t i = 0; i < wanted; ++i) {
      const std::uint64_t key = sample[i * kSamplesPerSplitter + kSamplesPerSplitter / 2];
      if (keys_.empty() || keys_.back() != key) keys_.push_back(key);
    }
    // No key equals the filler, as a key's low byte is at most 8. One more than searched, for comparing past the end.
    keys_.resize(std::bit_ceil(keys_.size() + 1), UINT64_MAX);
  }

  std::size_t bucket_count() const { return 2 * keys_.size(); }

  std::uint16_t BucketOf(std::uint64_t key) const {
    const std::uint64_t* at = keys_.data();
    for (std::size_t step = keys_.size() / 2; step > 0; step /= 2) at += at[step - 1] < key ? step : 0;
    return static_cast<std::uint16_t>(2 * (at - keys_.data()) + (*at == key));
  }

 private:
  std::vector<std::uint64_t> keys_;  // A power of two of them, ascending.
};

// All texts as entries with their first keys, bucket after bucket, each in the order of numbers; and the buckets as runs.
std::vector<Run> Distribute(std::uint32_t n, TextOf text_of, HugeArray<Entry>& entries) {
  const Splitters splitters(n, text_of);
  const std::size_t buckets = splitters.bucket_count();
  const std::size_t chunks = std::min<std::size_t>(n / kGrain + 1, 8 * ParallelWidth());
  const auto chunk_begin = [&](std::size_t chunk) { return static_cast<std::uint32_t>(std::uint64_t{n} * chunk / chunks); };

  auto bucket_of = HugeArray<std::uint16_t>::Uninitialized(n);
  std::vector<std::uint32_t> next(chunks * buckets);  // First the count, then the next position, of a chunk's texts in a bucket.
  ParallelFor(chunks, [&](std::size_t chunk) {
    std::uint32_t* const counts = next.data() + chunk * buckets;
    for (std::uint32_t i = chunk_begin(chunk); i < chunk_begin(chunk + 1); ++i) {
      bucket_of.data()[i] = splitters.BucketOf(LoadKey(text_of(i), 0));
      ++counts[bucket_of.data()[i]];
    }
  });

  std::vector<Run> runs;
  std::uint32_t position = 0;
  for (std::size_t bucket = 0; bucket < buckets; ++bucket) {
    const std::uint32_t begin = position;
    for (std::size_t chunk = 0; chunk < chunks; ++chunk) position += std::exchange(next[chunk * buckets + bucket], position);
    if (position > begin) runs.push_back({entries.data() + begin, position - begin, 0, true});
  }

  ParallelFor(chunks, [&](std::size_t chunk) {
    std::uint32_t* const cursors = next.data() + chunk * buckets;
    for (std::uint32_t i = chunk_begin(chunk); i < chunk_begin(chunk + 1); ++i) {
      entries.data()[cursors[bucket_of.data()[i]]++] = {LoadKey(text_of(i), 0), i, 0};
    }
  });
  return runs;
}

// The entries' order and marks in their final form.
SortedTexts Collect(std::span<const Entry> entries) {
  SortedTexts sorted;
  sorted.order = HugeArray<std::uint32_t>::Uninitialized(entries.size());
  sorted.group_starts.resize((entries.size() + 63) / 64);
  std::atomic<std::uint32_t> groups = 0;
  ParallelRanges(0, sorted.group_starts.size(), kGrain / 64, [&](std::size_t first_word, std::size_t last_word) {
    std::uint32_t range_groups = 0;
    for (std::size_t word = first_word; word < last_word; ++word) {
      std::uint64_t bits = 0;
      const std::size_t end = std::min(entries.size(), (word + 1) * 64);
      for (std::size_t p = word * 64; p < end; ++p) {
        sorted.order.data()[p] = entries[p].text;
        bits |= std::uint64_t{entries[p].starts_group} << (p % 64);
      }
      sorted.group_starts[word] = bits;
      range_groups += static_cast<std::uint32_t>(std::popcount(bits));
    }
    groups += range_groups;
  });
  sorted.group_count = groups;
  return sorted;
}

}  // namespace

SortedTexts SortTexts(std::uint32_t n, TextOf text_of) {
  if (n == 0) return {};
  auto entries = HugeArray<Entry>::Uninitialized(n);
  std::vector<Run> runs = Distribute(n, text_of, entries);
  SortRuns(std::move(runs), text_of);
  return Collect(entries.span());
}

}  // namespace clientele
