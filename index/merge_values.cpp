#include "index/merge_values.h"

#include <algorithm>
#include <bit>
#include <numeric>

#include "index/merge_rows.h"
#include "index/parallel.h"
#include "index/segment_columns.h"
#include "index/value_rows.h"

namespace clientele {
namespace {

bool IsHeld(const MergedRows& rows, const MergeSource& source, const ValueIndex& values, std::uint32_t code) {
  if (source.tombstones == nullptr || source.tombstones->count() == 0) return values.Cardinality(code) > 0;
  const RowFate* const fates = rows.FatesOf(source);
  const auto is_living = [&](std::uint32_t row) { return !fates[row].is_dead(); };
  if (values.IsPostingList(code)) return std::ranges::any_of(values.PostingList(code), is_living);
  for (std::uint32_t chunk = 0; chunk < ChunkCount(values.row_count()); ++chunk) {
    bool held = false;
    ForEachRow(values.Chunk(code, chunk), chunk * kChunkRows, RowsInChunk(chunk, values.row_count()),
               [&](std::uint32_t row) { held |= is_living(row); });
    if (held) return true;
  }
  return false;
}

const ValueIndex& ValuesOf(const MergeSource& source, Field field) {
  return source.segment->field(field).values;
}

// Calls visit(new row, source number, code) for every value that a living row holds; one row from one thread at a time.
template <class IndexOf, class Visit>
void ForEachLivingValue(const MergedRows& rows, const IndexOf& index_of, const Visit& visit) {
  for (std::size_t i = 0; i < rows.sources.size(); ++i) {
    const RowFate* const fates = rows.FatesOf(rows.sources[i]);
    ForEachValue(index_of(rows.sources[i]), [&](std::uint32_t row, std::uint32_t code) {
      const std::uint32_t to = fates[row].row;
      if (to != RowFate::kDead) visit(to, i, code);
    });
  }
}

template <class T>
HugeArray<T> FilledWith(std::uint32_t size, T value) {
  auto filled = HugeArray<T>::Uninitialized(size);
  ParallelRanges(0, size, 1u << 16,
                 [&](std::size_t first, std::size_t last) { std::fill(filled.data() + first, filled.data() + last, value); });
  return filled;
}

// An index of one value a row at most; codes of `value_count` or more stand for none.
template <class T>
ValueIndex IndexColumn(const HugeArray<T>& column, std::uint32_t value_count) {
  const auto rows = static_cast<std::uint32_t>(column.size());
  return ValueIndex::Build(rows, value_count, [&](std::uint32_t first, std::uint32_t last, ValueEntries& out) {
    for (std::uint32_t row = first; row < last; ++row) {
      if (column[row] < value_count) out.Add(row, column[row]);
    }
  });
}

// Fields of which the code is a byte.
HugeArray<std::uint8_t> ByteColumn(const MergedRows& rows, Field field) {
  auto column = FilledWith<std::uint8_t>(rows.row_count, 0xFF);
  ForEachLivingValue(
      rows, [&](const MergeSource& source) -> const ValueIndex& { return ValuesOf(source, field); },
      [&](std::uint32_t row, std::size_t, std::uint32_t code) { column.data()[row] = static_cast<std::uint8_t>(code); });
  return column;
}

ValueIndex MergeFlags(const MergedRows& rows, Field field) {
  auto flags_of = FilledWith<std::uint8_t>(rows.row_count, 0);
  ForEachLivingValue(
      rows, [&](const MergeSource& source) -> const ValueIndex& { return ValuesOf(source, field); },
      [&](std::uint32_t row, std::size_t, std::uint32_t code) {
        flags_of.data()[row] = static_cast<std::uint8_t>(flags_of.data()[row] | 1u << code);
      });
  return ValueIndex::Build(rows.row_count, kServiceCount, [&](std::uint32_t first, std::uint32_t last, ValueEntries& out) {
    for (std::uint32_t row = first; row < last; ++row) {
      for (std::uint32_t flags = flags_of[row]; flags != 0; flags &= flags - 1)
        out.Add(row, static_cast<std::uint32_t>(std::countr_zero(flags)));
    }
  });
}

// Values of which a row may hold several: they are counted, then listed row by row.
ValueIndex MergeLists(const MergedRows& rows, Field field, const UnifiedValues& unified) {
  const auto index_of = [&](const MergeSource& source) -> const ValueIndex& { return ValuesOf(source, field); };
  auto ends = HugeArray<std::uint64_t>::Uninitialized(std::size_t{rows.row_count} + 1);
  std::fill(ends.begin(), ends.end(), 0);
  ForEachLivingValue(rows, index_of, [&](std::uint32_t row, std::size_t, std::uint32_t) { ++ends.data()[row + 1]; });
  std::partial_sum(ends.begin(), ends.end(), ends.begin());
  auto codes = HugeArray<std::uint32_t>::Uninitialized(ends[rows.row_count]);
  // Listing a row's values moves its begin to its end.
  ForEachLivingValue(rows, index_of, [&](std::uint32_t row, std::size_t source, std::uint32_t code) {
    codes.data()[ends.data()[row]++] = unified.code_of[source][code];
  });
  return ValueIndex::Build(rows.row_count, unified.dictionary->size(),
                           [&](std::uint32_t first, std::uint32_t last, ValueEntries& out) {
                             std::uint64_t at = first == 0 ? 0 : ends[first - 1];
                             for (std::uint32_t row = first; row < last; ++row) {
                               for (; at < ends[row]; ++at) out.Add(row, codes[at]);
                             }
                           });
}

}  // namespace

UnifiedValues UnifyValues(const MergedRows& rows, Field field) {
  UnifiedValues unified;
  unified.code_of.resize(rows.sources.size());
  std::vector<std::size_t> largest_first(rows.sources.size());
  std::iota(largest_first.begin(), largest_first.end(), std::size_t{0});
  std::ranges::stable_sort(largest_first, std::ranges::greater{},
                           [&](std::size_t source) { return rows.sources[source].segment->row_count(); });
  std::uint32_t capacity = 1;
  for (const MergeSource& source : rows.sources)
    capacity = std::max(capacity, source.segment->field(field).dictionary->capacity());
  auto dictionary = std::make_shared<Interner>(capacity);
  for (const std::size_t i : largest_first) {
    const FieldIndex& index = rows.sources[i].segment->field(field);
    std::vector<std::uint32_t>& codes = unified.code_of[i];
    codes.assign(index.values.value_count(), kNullCode);
    for (std::uint32_t code = 0; code < codes.size(); ++code) {
      if (code % 4096 == 0) ThrowIfCancelled();
      if (IsHeld(rows, rows.sources[i], index.values, code))
        codes[code] = dictionary->Intern(index.dictionary->Text(code)).value();
    }
  }
  unified.dictionary = std::move(dictionary);
  return unified;
}

void MergeValues(const MergedRows& rows, Field field, const UnifiedValues* unified, FieldIndex& merged) {
  const FieldDef& def = Def(field);
  const auto index_of = [&](const MergeSource& source) -> const ValueIndex& { return ValuesOf(source, field); };
  switch (ValueSourceOf(def)) {
    case ValueSource::kNone:
    case ValueSource::kStates: return;
    case ValueSource::kBytes: {
      auto column = ByteColumn(rows, field);
      merged.values = IndexColumn(column, static_cast<std::uint32_t>(def.kind == FieldKind::kWord ? def.words.size() : 2));
      if (!def.sort_key.empty()) merged.word_codes = std::move(column);
      return;
    }
    case ValueSource::kCountry: {
      auto column = FilledWith<std::uint16_t>(rows.row_count, kNoCountryCode);
      ForEachLivingValue(rows, index_of, [&](std::uint32_t row, std::size_t, std::uint32_t code) {
        column.data()[row] = static_cast<std::uint16_t>(code);
      });
      merged.values = IndexColumn(column, kNoCountryCode + 1);
      return;
    }
    case ValueSource::kInterned: {
      auto column = FilledWith<std::uint32_t>(rows.row_count, kNullCode);
      ForEachLivingValue(rows, index_of, [&](std::uint32_t row, std::size_t source, std::uint32_t code) {
        column.data()[row] = unified->code_of[source][code];
      });
      merged.values = IndexColumn(column, unified->dictionary->size());
      merged.dictionary = unified->dictionary;
      return;
    }
    case ValueSource::kFlags: merged.values = MergeFlags(rows, field); return;
    case ValueSource::kFeatures:
      merged.values = MergeLists(rows, field, *unified);
      merged.dictionary = unified->dictionary;
      return;
  }
}

ValueIndex MergeStates(const MergedRows& rows, Field field, std::size_t service) {
  auto column = FilledWith<std::uint8_t>(rows.row_count, kServiceAbsent);
  ForEachLivingValue(
      rows, [&](const MergeSource& source) -> const ValueIndex& { return source.segment->field(field).states[service]; },
      [&](std::uint32_t row, std::size_t, std::uint32_t code) { column.data()[row] = static_cast<std::uint8_t>(code); });
  return IndexColumn(column, kServiceStateCount);
}

HashPostings MergeHashes(const MergedRows& rows, Field field) {
  using Entry = HashPostings::Entry;
  std::size_t entries_max = 0;
  for (const MergeSource& source : rows.sources) entries_max += source.segment->field(field).hashes.size();
  auto merged = HugeArray<Entry>::Uninitialized(entries_max);
  std::size_t count = 0;
  std::vector<std::span<const Entry>> left;
  for (const MergeSource& source : rows.sources) left.push_back(source.segment->field(field).hashes.entries());
  while (true) {
    // All rows of the next hash, whatever source they are of. Rows of one hash are few: they are sorted at the end.
    std::uint64_t least = ~std::uint64_t{0};
    for (const auto& entries : left) least = entries.empty() ? least : std::min<std::uint64_t>(least, entries[0].hash);
    if (least == ~std::uint64_t{0}) break;
    const std::size_t begin = count;
    for (std::size_t i = 0; i < left.size(); ++i) {
      const RowFate* const fates = rows.FatesOf(rows.sources[i]);
      for (; !left[i].empty() && left[i][0].hash == least; left[i] = left[i].subspan(1)) {
        const std::uint32_t row = fates[left[i][0].row].row;
        if (row == RowFate::kDead) continue;
        merged[count++] = {left[i][0].hash, row};
        if (count % (1u << 16) == 0) ThrowIfCancelled();
      }
    }
    if (count - begin > 1)
      std::sort(merged.begin() + begin, merged.begin() + count, [](const Entry& a, const Entry& b) { return a.row < b.row; });
  }
  merged.Shrink(count);
  return HashPostings(std::move(merged));  // Which finds them sorted.
}

}  // namespace clientele
