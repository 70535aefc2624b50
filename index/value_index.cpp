#include "index/value_index.h"

#include <algorithm>
#include <atomic>
#include <cassert>
#include <cstring>
#include <numeric>

#include <tbb/enumerable_thread_specific.h>

#include "index/parallel.h"

namespace clientele {
namespace {

// A value with at most this share of the rows is kept as a posting list: probing the list then beats walking containers.
constexpr std::uint32_t kRowsPerListedRow = 1024;
constexpr std::uint32_t kListedRowsMin = 16;

// The rows of one value within one chunk; `rows` ascending.
struct CodeRows {
  std::uint32_t code;
  std::span<const std::uint16_t> rows;
};

std::uint32_t CountRuns(std::span<const std::uint16_t> rows) {
  std::uint32_t runs = 1;
  for (std::size_t i = 1; i < rows.size(); ++i) runs += rows[i] != rows[i - 1] + 1;
  return runs;
}

void AppendRuns(std::span<const std::uint16_t> rows, std::vector<std::uint64_t>& out, std::uint32_t run_count) {
  const std::size_t begin = out.size();
  out.resize(begin + (run_count * sizeof(RowRun) + 7) / 8);
  RowRun* runs = reinterpret_cast<RowRun*>(out.data() + begin);
  RowRun run{rows[0], rows[0]};
  for (std::size_t i = 1; i < rows.size(); ++i) {
    if (rows[i] != run.last + 1) {
      *runs++ = run;
      run.first = rows[i];
    }
    run.last = rows[i];
  }
  *runs = run;
}

void AppendArray(std::span<const std::uint16_t> rows, std::vector<std::uint64_t>& out) {
  const std::size_t begin = out.size();
  out.resize(begin + (rows.size_bytes() + 7) / 8);
  std::memcpy(out.data() + begin, rows.data(), rows.size_bytes());
}

void AppendBitmap(std::span<const std::uint16_t> rows, std::vector<std::uint64_t>& out) {
  const std::size_t begin = out.size();
  out.resize(begin + kChunkWords);
  for (const std::uint16_t row : rows) out[begin + row / 64] |= std::uint64_t{1} << (row % 64);
}

// Orders a chunk's entries by code, keeping rows ascending within each. A counting sort when the codes are few.
class ChunkGrouping {
 public:
  void Group(const ValueEntries& entries, std::uint32_t chunk_first_row, std::uint32_t value_count) {
    rows_.resize(entries.codes.size());
    groups_.clear();
    if (value_count <= kChunkRows)
      CountingSort(entries, chunk_first_row, value_count);
    else
      ComparisonSort(entries, chunk_first_row);
  }
  const std::vector<CodeRows>& groups() const { return groups_; }  // Codes ascending.

 private:
  void CountingSort(const ValueEntries& entries, std::uint32_t chunk_first_row, std::uint32_t value_count) {
    ends_.assign(value_count + 1, 0);
    for (const std::uint32_t code : entries.codes) ++ends_[code + 1];
    std::partial_sum(ends_.begin(), ends_.end(), ends_.begin());
    for (std::size_t i = 0; i < entries.codes.size(); ++i) {
      rows_[ends_[entries.codes[i]]++] = static_cast<std::uint16_t>(entries.rows[i] - chunk_first_row);
    }
    // Placing a code's rows has moved its start to its end.
    for (std::uint32_t code = 0, begin = 0; code < value_count; begin = ends_[code++]) {
      if (ends_[code] > begin) groups_.push_back({code, std::span(rows_).subspan(begin, ends_[code] - begin)});
    }
  }
  void ComparisonSort(const ValueEntries& entries, std::uint32_t chunk_first_row) {
    order_.resize(entries.codes.size());
    std::iota(order_.begin(), order_.end(), 0u);
    std::ranges::stable_sort(order_, {}, [&](std::uint32_t i) { return entries.codes[i]; });
    for (std::size_t i = 0; i < order_.size(); ++i)
      rows_[i] = static_cast<std::uint16_t>(entries.rows[order_[i]] - chunk_first_row);
    for (std::size_t i = 0, end = 0; i < order_.size(); i = end) {
      const std::uint32_t code = entries.codes[order_[i]];
      end = i + 1;
      while (end < order_.size() && entries.codes[order_[end]] == code) ++end;
      groups_.push_back({code, std::span(rows_).subspan(i, end - i)});
    }
  }

  std::vector<std::uint32_t> ends_, order_;
  std::vector<std::uint16_t> rows_;
  std::vector<CodeRows> groups_;
};

// How many rows hold each value. Counted chunk by chunk and then added: threads that count straight into shared counters spend
// their time on handing cache lines of frequent values to each other.
class ValueCounts {
 public:
  explicit ValueCounts(std::uint32_t value_count) : counts_(value_count) {}
  void Add(const ValueEntries& entries) {
    if (counts_.size() > kChunkRows) {  // Few entries a value: they hardly meet.
      for (const std::uint32_t code : entries.codes) counts_[code].fetch_add(1, std::memory_order_relaxed);
      return;
    }
    thread_local std::vector<std::uint32_t> here;
    here.assign(counts_.size(), 0);
    for (const std::uint32_t code : entries.codes) ++here[code];
    for (std::size_t code = 0; code < here.size(); ++code) {
      if (here[code] > 0) counts_[code].fetch_add(here[code], std::memory_order_relaxed);
    }
  }
  std::uint32_t operator[](std::uint32_t code) const { return counts_[code].load(std::memory_order_relaxed); }

 private:
  std::vector<std::atomic<std::uint32_t>> counts_;
};

}  // namespace

// What one chunk contributes: its containers, with offsets into its own words until they are joined.
struct ValueIndex::ChunkBuild {
  struct Entry {
    std::uint32_t code;
    Descriptor descriptor;
  };
  std::vector<Entry> entries;
  std::vector<std::uint64_t> words;

  void Append(const CodeRows& group, std::uint32_t rows_in_chunk) {
    Descriptor descriptor{static_cast<std::uint32_t>(words.size()), static_cast<std::uint32_t>(group.rows.size()) & 0x1FFFF, 0,
                          0};
    const std::uint32_t run_count = CountRuns(group.rows);
    const auto set_kind = [&](ContainerKind kind) { descriptor.kind = static_cast<std::uint32_t>(kind) & 7; };
    if (group.rows.size() == rows_in_chunk) {
      set_kind(ContainerKind::kFull);
    } else if (run_count <= kRunsMax && run_count * 2 <= group.rows.size()) {
      set_kind(ContainerKind::kRuns);
      descriptor.run_count = run_count & 0xFFF;
      AppendRuns(group.rows, words, run_count);
    } else if (group.rows.size() <= kArrayRowsMax) {
      set_kind(ContainerKind::kArray);
      AppendArray(group.rows, words);
    } else {
      set_kind(ContainerKind::kBitmap);
      AppendBitmap(group.rows, words);
    }
    entries.push_back({group.code, descriptor});
  }
};

ValueIndex ValueIndex::Build(std::uint32_t row_count, std::uint32_t value_count,
                             absl::FunctionRef<void(std::uint32_t first, std::uint32_t last, ValueEntries& out)> entries_of) {
  ValueIndex index;
  index.row_count_ = row_count;
  index.values_ = HugeArray<Value>::Zeroed(value_count);
  const std::uint32_t chunks = ChunkCount(row_count);
  const auto entries_of_chunk = [&](std::uint32_t chunk, ValueEntries& entries) {
    entries.Clear();
    entries_of(chunk * kChunkRows, chunk * kChunkRows + RowsInChunk(chunk, row_count), entries);
  };

  // First pass: how many rows hold each value decides its form.
  ValueCounts counts(value_count);
  tbb::enumerable_thread_specific<ValueEntries> entries_by_thread;
  ParallelFor(chunks, [&](std::size_t chunk_number) {
    const auto chunk = static_cast<std::uint32_t>(chunk_number);
    ValueEntries& entries = entries_by_thread.local();
    entries_of_chunk(chunk, entries);
    counts.Add(entries);
  });
  const std::uint32_t listed_max = std::max(kListedRowsMin, row_count / kRowsPerListedRow);
  std::uint64_t descriptor_count = 0, listed = 0;
  for (std::uint32_t code = 0; code < value_count; ++code) {
    Value& value = index.values_[code];
    value.cardinality = counts[code];
    value.chunked = value.cardinality > listed_max;
    std::uint64_t& end = value.chunked != 0 ? descriptor_count : listed;
    value.begin = end;
    end += value.chunked != 0 ? chunks : value.cardinality;
  }

  // Second pass: containers chunk by chunk; rows of posting lists are set aside, since lists run over chunks.
  std::vector<ChunkBuild> builds(chunks);
  std::vector<ValueEntries> listed_entries(chunks);
  tbb::enumerable_thread_specific<ChunkGrouping> grouping_by_thread;
  ParallelFor(chunks, [&](std::size_t chunk_number) {
    const auto chunk = static_cast<std::uint32_t>(chunk_number);
    ValueEntries& entries = entries_by_thread.local();
    entries_of_chunk(chunk, entries);
    ChunkGrouping& grouping = grouping_by_thread.local();
    grouping.Group(entries, chunk * kChunkRows, value_count);
    for (const CodeRows& group : grouping.groups()) {
      if (index.values_[group.code].chunked != 0) {
        builds[chunk].Append(group, RowsInChunk(chunk, row_count));
        continue;
      }
      for (const std::uint16_t row : group.rows) listed_entries[chunk].Add(chunk * kChunkRows + row, group.code);
    }
  });

  index.lists_ = HugeArray<std::uint32_t>::Uninitialized(listed);
  std::vector<std::uint64_t> cursors(value_count);
  for (std::uint32_t code = 0; code < value_count; ++code) cursors[code] = index.values_[code].begin;
  for (const ValueEntries& entries : listed_entries) {
    for (std::size_t i = 0; i < entries.codes.size(); ++i) index.lists_[cursors[entries.codes[i]]++] = entries.rows[i];
  }

  std::uint64_t word_count = 0;
  for (const ChunkBuild& build : builds) word_count += build.words.size();
  assert(word_count <= UINT32_MAX);
  index.containers_ = HugeArray<std::uint64_t>::Uninitialized(word_count);
  index.descriptors_ = HugeArray<Descriptor>::Zeroed(descriptor_count);  // Zero is ContainerKind::kEmpty.
  std::uint64_t base = 0;
  for (std::uint32_t chunk = 0; chunk < chunks; ++chunk) {
    ChunkBuild& build = builds[chunk];
    if (!build.words.empty()) std::memcpy(index.containers_.data() + base, build.words.data(), build.words.size() * 8);
    for (ChunkBuild::Entry& entry : build.entries) {
      entry.descriptor.offset += static_cast<std::uint32_t>(base);
      index.descriptors_[index.values_[entry.code].begin + chunk] = entry.descriptor;
    }
    base += build.words.size();
    build = {};
  }
  return index;
}

std::string ValueIndex::Problem(std::uint32_t rows) const {
  if (row_count_ != rows) return "another number of rows";
  const std::uint32_t chunks = ChunkCount(rows);
  std::uint64_t descriptor_count = 0, listed = 0;
  for (const Value& value : values_) {
    std::uint64_t& end = value.chunked != 0 ? descriptor_count : listed;
    if (value.chunked > 1 || value.begin != end || value.cardinality > rows) return "a value that begins elsewhere";
    end += value.chunked != 0 ? chunks : value.cardinality;
    if (descriptor_count > descriptors_.size() || listed > lists_.size()) return "a value past the last row or container";
  }
  if (descriptor_count != descriptors_.size() || listed != lists_.size()) return "rows or containers of no value";
  for (const Value& value : values_) {
    if (value.chunked != 0) {
      if (std::string problem = ChunksProblem(value); !problem.empty()) return problem;
      continue;
    }
    const std::span list(lists_.data() + value.begin, value.cardinality);
    if (!list.empty() && list.back() >= rows) return "a row past the last";
    if (!std::ranges::is_sorted(list, std::ranges::less_equal{})) return "rows that do not ascend";
  }
  return {};
}

std::string ValueIndex::ChunksProblem(const Value& value) const {
  std::uint64_t cardinality = 0;
  for (std::uint32_t chunk = 0; chunk < ChunkCount(row_count_); ++chunk) {
    const Descriptor& descriptor = descriptors_[value.begin + chunk];
    if (std::string problem = ChunkProblem(descriptor, RowsInChunk(chunk, row_count_)); !problem.empty()) return problem;
    cardinality += descriptor.cardinality;
  }
  return cardinality == value.cardinality ? "" : "a value with another number of rows";
}

std::string ValueIndex::ChunkProblem(const Descriptor& descriptor, std::uint32_t rows_in_chunk) const {
  const auto kind = static_cast<ContainerKind>(descriptor.kind);
  const std::uint32_t cardinality = descriptor.cardinality;
  if (descriptor.offset > containers_.size()) return "a container past the last";
  const auto fits = [&](std::uint64_t bytes) { return descriptor.offset + (bytes + 7) / 8 <= containers_.size(); };
  const Container container{kind, cardinality, descriptor.run_count, containers_.data() + descriptor.offset};
  switch (kind) {
    case ContainerKind::kEmpty: return cardinality == 0 ? "" : "an empty container of some rows";
    case ContainerKind::kFull: return cardinality == rows_in_chunk ? "" : "a full container of some rows";
    case ContainerKind::kRuns: {
      if (descriptor.run_count == 0 || descriptor.run_count > kRunsMax || !fits(descriptor.run_count * sizeof(RowRun)))
        return "runs past the last container";
      std::uint32_t rows = 0, next = 0;
      for (const RowRun& run : container.runs()) {
        if (run.first < next || run.last < run.first || run.last >= rows_in_chunk) return "runs that do not ascend";
        next = run.last + 1u;
        rows += run.last - run.first + 1u;
      }
      return rows == cardinality ? "" : "runs of another number of rows";
    }
    case ContainerKind::kArray: {
      if (cardinality == 0 || cardinality > kArrayRowsMax || !fits(cardinality * sizeof(std::uint16_t)))
        return "rows past the last container";
      if (container.rows().back() >= rows_in_chunk) return "a row past the last";
      return std::ranges::is_sorted(container.rows(), std::ranges::less_equal{}) ? "" : "rows that do not ascend";
    }
    case ContainerKind::kBitmap: {
      if (!fits(kChunkWords * sizeof(std::uint64_t))) return "a bitmap past the last container";
      std::uint32_t rows = 0, past = 0;
      for (std::uint32_t w = 0; w < kChunkWords; ++w) {
        rows += static_cast<std::uint32_t>(std::popcount(container.words()[w]));
        if (w * 64 + 64 > rows_in_chunk)
          past |= w * 64 >= rows_in_chunk ? container.words()[w] != 0 : container.words()[w] >> (rows_in_chunk % 64) != 0;
      }
      if (past != 0) return "a row past the last";
      return rows == cardinality ? "" : "a bitmap of another number of rows";
    }
  }
  return "a container of no known kind";
}

bool ValueIndex::Holds(std::uint32_t row, std::uint32_t code) const {
  if (code >= values_.size()) return false;
  if (IsPostingList(code)) return std::ranges::binary_search(PostingList(code), row);
  return Contains(Chunk(code, row / kChunkRows), static_cast<std::uint16_t>(row % kChunkRows));
}

}  // namespace clientele
