#include "index/merge_rows.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cassert>
#include <functional>
#include <limits>
#include <numeric>
#include <span>

#include <absl/strings/str_cat.h>

#include "index/cluster_key.h"
#include "index/parallel.h"
#include "index/value_rows.h"

namespace clientele {
namespace {

// The ids of one source's living rows, ascending.
class IdStream {
 public:
  explicit IdStream(const MergeSource& source) : source_(&source), ids_(&source.segment->field(Field::kId)) { SkipDead(); }

  bool done() const { return position_ == ids_->order.row_count(); }
  std::int64_t id() const { return ids_->keys[position_]; }  // Ids are distinct: groups are positions.
  std::uint32_t old() const { return source_->base + ids_->order.row_at()[position_]; }
  void Advance() {
    ++position_;
    SkipDead();
  }

 private:
  void SkipDead() {
    while (!done() && source_->IsDead(ids_->order.row_at()[position_])) ++position_;
  }

  const MergeSource* source_;
  const FieldIndex* ids_;
  std::uint32_t position_ = 0;
};

std::uint32_t LivingRows(const MergeSource& source) {
  return source.segment->row_count() - (source.tombstones != nullptr ? source.tombstones->count() : 0);
}

// Old rows with their cluster keys, of one source.
struct KeyedRow {
  std::uint64_t key;
  std::uint32_t old;
  bool operator<(const KeyedRow& other) const { return key != other.key ? key < other.key : old < other.old; }
};

// Sorts in pieces, which are merged only where they overlap: the rows are nearly sorted, and nobody waits long when the merge is
// cancelled.
void SortNearlySorted(std::span<KeyedRow> rows) {
  constexpr std::size_t kPiece = std::size_t{1} << 16;
  ParallelRanges(0, (rows.size() + kPiece - 1) / kPiece, 1, [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) {
      const auto piece = rows.subspan(i * kPiece, std::min(kPiece, rows.size() - i * kPiece));
      if (!std::ranges::is_sorted(piece, std::less{})) std::sort(piece.begin(), piece.end());
    }
  });
  for (std::size_t width = kPiece; width < rows.size(); width *= 2) {
    ParallelFor((rows.size() + 2 * width - 1) / (2 * width), [&](std::size_t i) {
      const std::size_t begin = i * 2 * width, middle = begin + width;
      if (middle >= rows.size() || !(rows[middle] < rows[middle - 1])) return;
      const auto from = rows.begin() + static_cast<std::ptrdiff_t>(begin);
      std::inplace_merge(from, from + static_cast<std::ptrdiff_t>(width),
                         from + static_cast<std::ptrdiff_t>(std::min(2 * width, rows.size() - begin)));
    });
  }
}

// The keys of all old rows, without the creation time.
class ClusterKeys {
 public:
  ClusterKeys(const MergedRows& rows, const UnifiedValues& resellers)
      : rows_(rows), resellers_(resellers), country_rank_(CountryRanks()) {
    keys_ = HugeArray<std::uint64_t>::Zeroed(rows.old_count);
    std::uint32_t shift = 0;
    for (const ClusterKey& cluster : kClusterKeys) shift += cluster.bits;
    assert(shift + kClusterTimeBits <= 64);
    std::uint64_t absent = 0;
    for (const ClusterKey& cluster : kClusterKeys) {
      shift -= cluster.bits;
      absent |= std::uint64_t{ValueWithout(cluster)} << shift;
      for (std::size_t source = 0; source < rows.sources.size(); ++source) Add(cluster, source, shift);
    }
    absent_ = absent;
  }

  std::uint64_t operator[](std::uint32_t old) const { return keys_[old] ^ absent_; }

 private:
  static std::uint32_t Largest(const ClusterKey& cluster) { return (1u << cluster.bits) - 1; }

  // Of rows that hold no value of the field.
  static std::uint32_t ValueWithout(const ClusterKey& cluster) {
    const ValueSource source = ValueSourceOf(Def(cluster.field));
    return source == ValueSource::kStates || source == ValueSource::kInterned ? Largest(cluster) : 0;
  }

  std::uint32_t ValueOf(const ClusterKey& cluster, std::size_t source, std::uint32_t code) const {
    std::uint32_t value = code;
    if (cluster.field == Field::kCountryCode) value = country_rank_[code];
    if (cluster.field == Field::kResellers) value = resellers_.code_of[source][code];
    return std::min(value, Largest(cluster));
  }

  // A row holds one value at most of each of these fields: what sets its bits replaces what stands for none.
  void Add(const ClusterKey& cluster, std::size_t source, std::uint32_t shift) {
    const FieldIndex& index = rows_.sources[source].segment->field(cluster.field);
    const bool is_state = ValueSourceOf(Def(cluster.field)) == ValueSource::kStates;
    std::uint64_t* const keys = keys_.data() + rows_.sources[source].base;
    const std::uint32_t without = ValueWithout(cluster);
    ForEachValue(is_state ? index.states[cluster.service] : index.values, [&](std::uint32_t row, std::uint32_t code) {
      keys[row] |= std::uint64_t{ValueOf(cluster, source, code) ^ without} << shift;
    });
  }

  // By falling number of living clients.
  std::vector<std::uint32_t> CountryRanks() const {
    std::vector<std::uint32_t> counts(kNoCountryCode + 1), by_count(kNoCountryCode + 1), rank(kNoCountryCode + 1);
    for (const MergeSource& source : rows_.sources) {
      const ValueIndex& countries = source.segment->field(Field::kCountryCode).values;
      const RowFate* const fates = rows_.FatesOf(source);
      if (source.tombstones == nullptr || source.tombstones->count() == 0) {
        for (std::uint32_t code = 0; code < countries.value_count(); ++code) counts[code] += countries.Cardinality(code);
        continue;
      }
      std::vector<std::atomic<std::uint32_t>> living(counts.size());
      ForEachValue(countries, [&](std::uint32_t row, std::uint32_t code) {
        if (!fates[row].is_dead()) living[code].fetch_add(1, std::memory_order_relaxed);
      });
      for (std::size_t code = 0; code < counts.size(); ++code) counts[code] += living[code].load();
    }
    std::iota(by_count.begin(), by_count.end(), 0u);
    std::ranges::stable_sort(by_count, std::ranges::greater{}, [&](std::uint32_t code) { return counts[code]; });
    for (std::uint32_t i = 0; i < by_count.size(); ++i) rank[by_count[i]] = i;
    return rank;
  }

  const MergedRows& rows_;
  const UnifiedValues& resellers_;
  const std::vector<std::uint32_t> country_rank_;
  HugeArray<std::uint64_t> keys_;
  std::uint64_t absent_ = 0;
};

}  // namespace

absl::StatusOr<MergedKeys> NumberClients(std::vector<MergeSource> sources, MergedRows& rows) {
  rows.sources = std::move(sources);
  std::uint64_t old_count = 0, row_count = 0;
  for (MergeSource& source : rows.sources) {
    source.base = static_cast<std::uint32_t>(old_count);
    old_count += source.segment->row_count();
    row_count += LivingRows(source);
    if (old_count >= RowFate::kDead) return absl::InvalidArgumentError("merge: more rows than one segment can have");
  }
  rows.old_count = static_cast<std::uint32_t>(old_count);
  rows.row_count = static_cast<std::uint32_t>(row_count);
  rows.fates = HugeArray<RowFate>::Uninitialized(old_count);
  ParallelRanges(0, old_count, 1u << 16, [&](std::size_t first, std::size_t last) {
    std::fill(rows.fates.begin() + first, rows.fates.begin() + last, RowFate{});
  });

  MergedKeys merged;
  merged.order.at = HugeArray<std::uint32_t>::Uninitialized(row_count);
  merged.order.group_starts.assign(row_count / 64 + 1, ~std::uint64_t{0});
  merged.order.keyed_count = rows.row_count;
  merged.keys.reserve(row_count);
  std::vector<IdStream> streams;
  for (const MergeSource& source : rows.sources) streams.emplace_back(source);
  std::uint32_t client = 0;
  for (std::erase_if(streams, [](const IdStream& stream) { return stream.done(); }); !streams.empty();
       std::erase_if(streams, [](const IdStream& stream) { return stream.done(); })) {
    // The stream whose ids come next, up to the least id of the others.
    std::ranges::iter_swap(streams.begin(), std::ranges::min_element(streams, {}, &IdStream::id));
    IdStream& stream = streams[0];
    std::int64_t limit = std::numeric_limits<std::int64_t>::max();
    for (std::size_t i = 1; i < streams.size(); ++i) limit = std::min(limit, streams[i].id());
    if (streams.size() > 1 && stream.id() == limit)
      return absl::InvalidArgumentError(absl::StrCat("merge: the id ", limit, " is that of two living rows"));
    do {
      const std::uint32_t old = stream.old();
      if (client == rows.row_count || !rows.fates[old].is_dead()) throw DamagedInput{"an id that two rows have"};
      rows.fates[old].client = client;
      merged.order.at[client] = old;
      merged.keys.push_back(stream.id());
      if (++client % (1u << 16) == 0) ThrowIfCancelled();
      stream.Advance();
    } while (!stream.done() && (streams.size() == 1 || stream.id() < limit));
  }
  if (client != rows.row_count) throw DamagedInput{"fewer ids than rows"};
  return merged;
}

void OrderRows(const MergedOrder& created, const UnifiedValues& resellers, MergedRows& rows) {
  const ClusterKeys clusters(rows, resellers);
  // By creation time, each source's rows come in the right order of their last key.
  const int drop = std::max(0, static_cast<int>(std::bit_width(rows.row_count)) - static_cast<int>(kClusterTimeBits));
  auto keyed = HugeArray<KeyedRow>::Uninitialized(rows.row_count);
  std::vector<std::uint32_t> begins(rows.sources.size() + 1);
  for (std::size_t i = 0; i < rows.sources.size(); ++i) begins[i + 1] = begins[i] + LivingRows(rows.sources[i]);
  // First by old row within the source, which is close to the order that is wanted.
  auto position_of_old = HugeArray<std::uint32_t>::Uninitialized(rows.old_count);
  ParallelRanges(0, rows.row_count, 1u << 16, [&](std::size_t first, std::size_t last) {
    for (std::size_t position = first; position < last; ++position)
      position_of_old[created.at[position]] = static_cast<std::uint32_t>(position);
  });
  ParallelFor(rows.sources.size(), [&](std::size_t i) {
    const MergeSource& source = rows.sources[i];
    KeyedRow* out = keyed.data() + begins[i];
    for (std::uint32_t old = source.base; old < source.base + source.segment->row_count(); ++old) {
      if (old % (1u << 16) == 0) ThrowIfCancelled();
      if (!rows.fates[old].is_dead()) *out++ = {clusters[old] << kClusterTimeBits | position_of_old[old] >> drop, old};
    }
    SortNearlySorted(std::span(keyed.data() + begins[i], out));
  });

  rows.old_at = HugeArray<std::uint32_t>::Uninitialized(rows.row_count);
  struct Head {
    const KeyedRow *next, *end;
  };
  std::vector<Head> heads;
  for (std::size_t i = 0; i < rows.sources.size(); ++i) {
    if (begins[i] < begins[i + 1]) heads.push_back({keyed.data() + begins[i], keyed.data() + begins[i + 1]});
  }
  std::uint32_t row = 0;
  while (!heads.empty()) {
    std::ranges::iter_swap(heads.begin(), std::ranges::min_element(heads, {}, [](const Head& head) { return head.next->key; }));
    Head& head = heads[0];
    std::uint64_t limit = std::numeric_limits<std::uint64_t>::max();
    for (std::size_t i = 1; i < heads.size(); ++i) limit = std::min(limit, heads[i].next->key);
    do {
      const std::uint32_t old = head.next++->old;
      rows.old_at[row] = old;
      rows.fates[old].row = row;
      if (++row % (1u << 16) == 0) ThrowIfCancelled();
    } while (head.next != head.end && head.next->key < limit);
    if (head.next == head.end) heads.erase(heads.begin());
  }
}

}  // namespace clientele
