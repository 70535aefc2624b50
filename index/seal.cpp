#include "index/seal.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <numeric>
#include <utility>

#include <malloc.h>

#include "index/cluster_key.h"
#include "index/key_sort.h"
#include "index/page_recycling.h"
#include "index/parallel.h"
#include "index/segment.h"
#include "index/text_sort.h"

namespace clientele {
namespace {

using Batches = std::vector<KeptBatch>;

// Texts are fetched so many items before they are read.
constexpr std::uint32_t kTextsAhead = 16;

// Smaller batches free too little for a walk over the whole heap to pay.
constexpr std::uint32_t kTrimFromRecords = 1u << 18;

template <class Visit>
void ParallelRows(std::uint32_t count, Visit visit) {
  ParallelRanges(0, count, 1u << 14, [&](std::size_t first, std::size_t last) {
    for (auto i = static_cast<std::uint32_t>(first); i < last; ++i) visit(i);
  });
}

// The texts of one buffer of every batch, by arrival.
using TextViews = HugeArray<std::string_view>;

class Sealer {
 public:
  Sealer(SegmentShared& shared, Batches batches, const SealProgress& progress)
      : shared_(shared), batches_(std::move(batches)), progress_(progress) {}

  SealResult Run() {
    for (const KeptBatch& batch : batches_) {
      batch_begins_.push_back(arrivals_);
      arrivals_ += batch.size;
    }
    Step("ids", 0.00);
    NumberClients();
    parts_.row_count = clients_;
    Step("row order", 0.06);
    OrderRows();
    Step("keys", 0.14);
    BuildIdOrder();
    BuildKeyOrders();
    Step("value bitmaps", 0.22);
    for (const FieldDef& def : Fields()) BuildValues(def);
    // The largest texts first: while they are held twice, the fewest other parts are there already.
    Step("texts of lists", 0.40);
    BuildRowTexts();
    double fraction = 0.60;
    for (const FieldDef& def : Fields()) {
      if (def.kind == FieldKind::kText && !def.sort_key.empty()) {
        Step(def.name, fraction);
        BuildTextOrder(def.field);
        fraction += 0.12;
      }
    }
    Step("records", 0.96);
    BuildRecords();
    SealResult result{nullptr, std::move(duplicates_)};
    result.segment = std::make_shared<const Segment>(std::move(parts_));
    Step("done", 1.0);
    return result;
  }

 private:
  // What a phase freed is returned to the system before the next one allocates: the peak is what limits the size of a load.
  void Step(std::string_view phase, double fraction) const {
    if (arrivals_ >= kTrimFromRecords) malloc_trim(0);
    if (progress_) progress_(phase, fraction);
  }
  FieldIndex& Index(Field field) { return parts_.fields[static_cast<std::size_t>(field)]; }

  // Calls visit(batch, arrival of its first record) for every batch, on all cores.
  template <class Visit>
  void ParallelBatches(Visit visit) const {
    ParallelFor(batches_.size(), [&](std::size_t i) { visit(batches_[i], batch_begins_[i]); });
  }

  // Copies one column of every batch into one array by arrival, and frees it there. `column_of` gives the column of a batch, and
  // of the arenas.
  template <class T, class ColumnOf>
  HugeArray<T> Flatten(ColumnOf column_of) {
    auto flat = HugeArray<T>::Uninitialized(arrivals_);
    ParallelBatches([&](const KeptBatch& batch, std::uint32_t first) {
      const std::span<T> column = column_of(batch);
      std::copy(column.begin(), column.end(), flat.data() + first);
    });
    column_of(shared_.arenas).Free();
    return flat;
  }

  // Null texts are views without data. The views are all that is known of the texts then: where they end is freed.
  template <class TextsOf>
  TextViews ViewTexts(TextsOf texts_of) {
    auto views = TextViews::Uninitialized(arrivals_);
    ParallelBatches([&](const KeptBatch& batch, std::uint32_t first) {
      const KeptTexts& texts = texts_of(batch);
      // The data of no bytes may be null, which would make an empty text a null one.
      const char* const bytes = texts.bytes.empty() ? "" : texts.bytes.data();
      std::uint32_t begin = 0;
      for (std::uint32_t i = 0; i < batch.size; ++i) {
        const std::uint32_t end = texts.ends[i] & ~kNullText;
        views[first + i] = end != texts.ends[i] ? std::string_view() : std::string_view(bytes + begin, end - begin);
        begin = end;
      }
    });
    texts_of(shared_.arenas).ends.Free();
    return views;
  }

  // Numbers the clients 0 .. clients_-1 by ascending id, so that comparing numbers breaks ties; of equal ids the first to arrive
  // stays.
  void NumberClients() {
    const auto ids = Flatten<std::int64_t>([](auto& batch) -> auto& { return batch.of(Field::kId).keys; });
    auto items = HugeArray<KeyedItem>::Uninitialized(arrivals_);
    ParallelRows(arrivals_, [&](std::uint32_t arrival) { items[arrival] = {ids[arrival], arrival}; });
    SortByKey(items);
    arrival_of_client_ = HugeArray<std::uint32_t>::Uninitialized(arrivals_);
    auto distinct = HugeArray<std::int64_t>::Uninitialized(arrivals_);
    std::vector<std::uint32_t> repeated;
    for (std::uint32_t i = 0; i < arrivals_; ++i) {
      if (i > 0 && items[i].key == items[i - 1].key) {
        repeated.push_back(items[i].item);
        continue;
      }
      distinct[clients_] = items[i].key;
      arrival_of_client_[clients_++] = items[i].item;
    }
    Index(Field::kId).keys = SortedValues(distinct.span().first(clients_));
    ReportDuplicates(std::move(repeated), ids);
  }

  void ReportDuplicates(std::vector<std::uint32_t> arrivals, const HugeArray<std::int64_t>& ids) {
    std::ranges::sort(arrivals);
    std::uint32_t batch_begin = 0;
    auto batch = batches_.begin();
    for (const std::uint32_t arrival : arrivals) {
      while (arrival >= batch_begin + batch->size) batch_begin += (batch++)->size;
      DuplicateId duplicate{ids[arrival], batch->sequence, arrival - batch_begin, {}};
      RenderRecord(*shared_.dictionaries, shared_.region->At(batch->record_offsets[arrival - batch_begin]), ~std::uint64_t{0},
                   duplicate.json);
      duplicates_.push_back(std::move(duplicate));
    }
  }

  // Clients sorted by a key column; clients without a key follow.
  struct SortedClients {
    HugeArray<std::uint32_t> client_at;
    std::vector<std::uint64_t> group_starts;
    HugeArray<std::int64_t> distinct;  // The first `distinct_count`.
    std::uint32_t distinct_count = 0, keyed = 0;
  };
  SortedClients SortClients(const HugeArray<std::int64_t>& key_of_arrival) const {
    // One less, so that kNullKey becomes the largest: clients without a key come last.
    static_assert(kNullKey == std::numeric_limits<std::int64_t>::min());
    const auto shifted = [](std::int64_t key) { return static_cast<std::int64_t>(static_cast<std::uint64_t>(key) - 1); };
    auto items = HugeArray<KeyedItem>::Uninitialized(clients_);
    ParallelRows(clients_, [&](std::uint32_t client) {
      if (client + kTextsAhead < clients_) __builtin_prefetch(&key_of_arrival[arrival_of_client_[client + kTextsAhead]]);
      items[client] = {shifted(key_of_arrival[arrival_of_client_[client]]), client};
    });
    SortByKey(items);
    SortedClients sorted;
    sorted.client_at = HugeArray<std::uint32_t>::Uninitialized(clients_);
    sorted.group_starts.resize(clients_ / 64 + 1);
    sorted.distinct = HugeArray<std::int64_t>::Uninitialized(clients_);
    for (std::uint32_t i = 0; i < clients_; ++i) {
      sorted.client_at[i] = items[i].item;
      if (items[i].key == shifted(kNullKey)) continue;
      ++sorted.keyed;
      if (i > 0 && items[i].key == items[i - 1].key) continue;
      sorted.group_starts[i / 64] |= std::uint64_t{1} << (i % 64);
      sorted.distinct[sorted.distinct_count++] = items[i].key + 1;
    }
    return sorted;
  }

  std::vector<std::uint32_t> CountryRanks() {
    std::vector<std::uint32_t> counts(kNoCountryCode + 1), by_count(kNoCountryCode + 1), rank(kNoCountryCode + 1);
    for (const KeptBatch& batch : batches_) {
      for (const std::uint32_t code : batch.of(Field::kCountryCode).codes) ++counts[code];
    }
    std::iota(by_count.begin(), by_count.end(), 0u);
    std::ranges::stable_sort(by_count, std::ranges::greater{}, [&](std::uint32_t code) { return counts[code]; });
    for (std::uint32_t i = 0; i < by_count.size(); ++i) rank[by_count[i]] = i;
    return rank;
  }

  // Appends the bits of one cluster key to the keys of a batch's records.
  static void AppendClusterKey(const ClusterKey& cluster, const KeptBatch& batch, const std::vector<std::uint32_t>& country_rank,
                               std::uint64_t* keys) {
    const std::uint32_t value_max = (1u << cluster.bits) - 1;
    const KeptColumn& column = batch.of(cluster.field);
    const ValueSource source = ValueSourceOf(Def(cluster.field));
    for (std::uint32_t i = 0; i < batch.size; ++i) {
      std::uint32_t value = source == ValueSource::kBytes ? column.bytes[i] : column.codes[i];
      if (source == ValueSource::kStates) value = value >> (cluster.service * kStateBits) & value_max;
      if (source == ValueSource::kCountry) value = country_rank[value];
      keys[i] = keys[i] << cluster.bits | std::min(value, value_max);
    }
  }

  void OrderRows() {
    sorted_created_ = SortClients(Flatten<std::int64_t>([](auto& batch) -> auto& { return batch.of(Field::kCreatedAt).keys; }));
    auto key_of_arrival = HugeArray<std::uint64_t>::Zeroed(arrivals_);
    const std::vector<std::uint32_t> country_rank = CountryRanks();
    ParallelBatches([&](const KeptBatch& batch, std::uint32_t first) {
      for (const ClusterKey& cluster : kClusterKeys)
        AppendClusterKey(cluster, batch, country_rank, key_of_arrival.data() + first);
    });
    const int drop = std::max(0, static_cast<int>(std::bit_width(clients_)) - static_cast<int>(kClusterTimeBits));
    auto items = HugeArray<KeyedItem>::Uninitialized(clients_);
    ParallelRows(clients_, [&](std::uint32_t position) {
      const std::uint32_t client = sorted_created_.client_at[position];
      const std::uint64_t key = key_of_arrival[arrival_of_client_[client]] << kClusterTimeBits | position >> drop;
      items[position] = {static_cast<std::int64_t>(key ^ std::uint64_t{1} << 63), client};
    });
    SortByKey(items);
    row_of_client_ = HugeArray<std::uint32_t>::Uninitialized(clients_);
    arrival_of_row_ = HugeArray<std::uint32_t>::Uninitialized(clients_);
    ParallelRows(clients_, [&](std::uint32_t row) {
      row_of_client_[items[row].item] = row;
      arrival_of_row_[row] = arrival_of_client_[items[row].item];
    });
  }

  HugeArray<std::uint32_t> RowsOfClients(HugeArray<std::uint32_t> clients) const {
    ParallelRows(clients_, [&](std::uint32_t position) { clients[position] = row_of_client_[clients[position]]; });
    return clients;
  }

  void BuildIdOrder() {
    auto row_at = HugeArray<std::uint32_t>::CopyOf(row_of_client_.span());
    Index(Field::kId).order =
        SortOrder(std::move(row_at), std::vector<std::uint64_t>(clients_ / 64 + 1, ~std::uint64_t{0}), clients_, true);
  }

  void BuildKeyOrder(Field field, SortedClients sorted) {
    FieldIndex& index = Index(field);
    index.keys = SortedValues(sorted.distinct.span().first(sorted.distinct_count));
    const bool with_planes = !Def(field).sort_key.empty();
    index.order =
        SortOrder(RowsOfClients(std::move(sorted.client_at)), std::move(sorted.group_starts), sorted.keyed, with_planes);
  }

  void BuildKeyOrders() {
    BuildKeyOrder(Field::kCreatedAt, std::exchange(sorted_created_, {}));
    for (const FieldDef& def : Fields()) {
      if (def.field == Field::kId || def.field == Field::kCreatedAt || batches_.empty() || batches_[0].of(def.field).keys.empty())
        continue;
      BuildKeyOrder(def.field,
                    SortClients(Flatten<std::int64_t>([&](auto& batch) -> auto& { return batch.of(def.field).keys; })));
    }
  }

  // A column of one value a row, in row order.
  template <class T>
  HugeArray<T> ByRow(const HugeArray<T>& by_arrival) const {
    auto by_row = HugeArray<T>::Uninitialized(clients_);
    ParallelRows(clients_, [&](std::uint32_t row) { by_row[row] = by_arrival[arrival_of_row_[row]]; });
    return by_row;
  }

  template <class CodeOf>
  ValueIndex IndexCodes(std::uint32_t value_count, CodeOf code_of) const {
    return ValueIndex::Build(clients_, value_count, [&](std::uint32_t first, std::uint32_t last, ValueEntries& out) {
      for (std::uint32_t row = first; row < last; ++row) {
        const std::uint32_t code = code_of(row);
        if (code < value_count) out.Add(row, code);
      }
    });
  }

  void BuildValues(const FieldDef& def) {
    FieldIndex& index = Index(def.field);
    const auto codes = [&] {
      return ByRow(Flatten<std::uint32_t>([&](auto& batch) -> auto& { return batch.of(def.field).codes; }));
    };
    const auto bytes = [&] {
      return ByRow(Flatten<std::uint8_t>([&](auto& batch) -> auto& { return batch.of(def.field).bytes; }));
    };
    if (def.equality == EqualityIndex::kHash) {
      BuildHashes(index, codes(), bytes());
      return;
    }
    switch (ValueSourceOf(def)) {
      case ValueSource::kNone: return;
      case ValueSource::kBytes: {
        const auto by_row = bytes();
        const std::size_t value_count = def.kind == FieldKind::kWord ? def.words.size() : 2;
        index.values = IndexCodes(static_cast<std::uint32_t>(value_count), [&](std::uint32_t row) { return by_row[row]; });
        if (!def.sort_key.empty()) index.word_codes = HugeArray<std::uint8_t>::CopyOf(by_row.span());
        return;
      }
      case ValueSource::kCountry:
      case ValueSource::kInterned: {
        const auto by_row = codes();
        index.dictionary = shared_.values[static_cast<std::size_t>(def.field)];
        const std::uint32_t value_count = index.dictionary != nullptr ? index.dictionary->size() : kNoCountryCode + 1;
        index.values = IndexCodes(value_count, [&](std::uint32_t row) { return by_row[row]; });
        return;
      }
      case ValueSource::kStates: {
        const auto by_row = codes();
        for (std::uint32_t service = 0; service < kServiceCount; ++service) {
          index.states[service] = IndexCodes(
              kServiceStateCount, [&](std::uint32_t row) { return by_row[row] >> (service * kStateBits) & kServiceAbsent; });
        }
        return;
      }
      case ValueSource::kFlags: {
        const auto by_row = bytes();
        index.values =
            ValueIndex::Build(clients_, kServiceCount, [&](std::uint32_t first, std::uint32_t last, ValueEntries& out) {
              for (std::uint32_t row = first; row < last; ++row) {
                for (std::uint32_t flags = by_row[row]; flags != 0; flags &= flags - 1)
                  out.Add(row, static_cast<std::uint32_t>(std::countr_zero(flags)));
              }
            });
        return;
      }
      case ValueSource::kFeatures: BuildLists(def.field); return;
    }
  }

  void BuildHashes(FieldIndex& index, const HugeArray<std::uint32_t>& hashes, const HugeArray<std::uint8_t>& present) const {
    auto entries = HugeArray<HashPostings::Entry>::Uninitialized(static_cast<std::size_t>(std::ranges::count(present, 1)));
    std::size_t count = 0;
    for (std::uint32_t row = 0; row < clients_; ++row) {
      if (present[row] != 0) entries[count++] = {hashes[row], row};
    }
    index.hashes = HashPostings(std::move(entries));
  }

  void BuildLists(Field field) {
    auto lists = HugeArray<std::span<const std::uint32_t>>::Uninitialized(arrivals_);
    ParallelBatches([&](const KeptBatch& batch, std::uint32_t first) {
      const KeptColumn& column = batch.of(field);
      std::uint32_t begin = 0;
      for (std::uint32_t i = 0; i < batch.size; begin = column.list_ends[i++]) {
        lists[first + i] = std::span(column.list).subspan(begin, column.list_ends[i] - begin);
      }
    });
    FieldIndex& index = Index(field);
    index.dictionary = shared_.values[static_cast<std::size_t>(field)];
    index.values =
        ValueIndex::Build(clients_, index.dictionary->size(), [&](std::uint32_t first, std::uint32_t last, ValueEntries& out) {
          for (std::uint32_t row = first; row < last; ++row) {
            if (row + 2 * kTextsAhead < clients_) __builtin_prefetch(&lists[arrival_of_row_[row + 2 * kTextsAhead]]);
            if (row + kTextsAhead < clients_) __builtin_prefetch(lists[arrival_of_row_[row + kTextsAhead]].data());
            for (const std::uint32_t code : lists[arrival_of_row_[row]]) out.Add(row, code);
          }
        });
    shared_.arenas.of(field).list.Free();
    shared_.arenas.of(field).list_ends.Free();
  }

  void BuildTextOrder(Field field) {
    const auto texts_of = [field](auto& batch) -> auto& {
      return batch.of(field).text;
    };
    TextViews views = ViewTexts(texts_of);
    // By client, so that equal texts come in order of id.
    auto texts = TextViews::Uninitialized(clients_);
    ParallelRows(clients_, [&](std::uint32_t client) {
      if (client + kTextsAhead < clients_) __builtin_prefetch(&views[arrival_of_client_[client + kTextsAhead]]);
      texts[client] = views[arrival_of_client_[client]];
    });
    views = {};
    // Clients with a text from the front, those without from the back.
    auto clients = HugeArray<std::uint32_t>::Uninitialized(clients_);
    std::uint32_t text_count = 0;
    for (std::uint32_t client = 0; client < clients_; ++client) {
      const bool has_text = texts[client].data() != nullptr;
      if (has_text) texts[text_count] = texts[client];
      clients[has_text ? text_count : clients_ - 1 - (client - text_count)] = client;
      text_count += has_text ? 1 : 0;
    }
    SortedTexts sorted = SortTexts(text_count, [&](std::uint32_t i) { return texts[i]; });
    TextViews distinct = DistinctTexts(sorted, texts);
    texts = {};
    FieldIndex& index = Index(field);
    index.texts = BuildTexts(distinct, [&] {
      distinct = {};
      texts_of(shared_.arenas).bytes.Free();
    });

    auto row_at = HugeArray<std::uint32_t>::Uninitialized(clients_);
    ParallelRows(text_count, [&](std::uint32_t position) { row_at[position] = row_of_client_[clients[sorted.order[position]]]; });
    for (std::uint32_t i = text_count; i < clients_; ++i) row_at[i] = row_of_client_[clients[clients_ - 1 - (i - text_count)]];
    index.order = SortOrder(std::move(row_at), std::move(sorted.group_starts), text_count, true);
  }

  // The first text of each group, in order.
  static TextViews DistinctTexts(const SortedTexts& sorted, const TextViews& texts) {
    constexpr std::size_t kWordsPerPart = 1024;
    const std::size_t words = sorted.group_starts.size();
    std::vector<std::uint32_t> groups_before((words + kWordsPerPart - 1) / kWordsPerPart + 1);
    for (std::size_t word = 0; word < words; ++word) {
      groups_before[word / kWordsPerPart + 1] += static_cast<std::uint32_t>(std::popcount(sorted.group_starts[word]));
    }
    std::partial_sum(groups_before.begin(), groups_before.end(), groups_before.begin());
    auto distinct = TextViews::Uninitialized(sorted.group_count);
    ParallelFor(groups_before.size() - 1, [&](std::size_t part) {
      std::uint32_t group = groups_before[part];
      for (std::size_t word = part * kWordsPerPart; word < std::min(words, (part + 1) * kWordsPerPart); ++word) {
        for (std::uint64_t bits = sorted.group_starts[word]; bits != 0; bits &= bits - 1) {
          distinct[group++] = texts[sorted.order[word * 64 + static_cast<std::size_t>(std::countr_zero(bits))]];
        }
      }
    });
    return distinct;
  }

  // `texts_copied` frees what the views point to. The texts lie where they arrived, so reading them in another order is a cache
  // miss each: they are fetched some ahead.
  static FoldedText BuildTexts(const TextViews& texts, absl::FunctionRef<void()> texts_copied) {
    const auto count = static_cast<std::uint32_t>(texts.size());
    const auto text_of = [&](std::uint32_t item) {
      if (item + kTextsAhead < count) __builtin_prefetch(texts[item + kTextsAhead].data());
      return texts[item];
    };
    return FoldedText::Build(count, text_of, texts_copied);
  }

  // Views stay by arrival, and are a cache miss themselves: a second copy of them by row would be at the peak of the whole load.
  template <class TextsOf>
  FoldedText BuildTextsByRow(TextsOf texts_of) {
    TextViews views = ViewTexts(texts_of);
    const auto text_of = [&](std::uint32_t row) {
      if (row + 2 * kTextsAhead < clients_) __builtin_prefetch(&views[arrival_of_row_[row + 2 * kTextsAhead]]);
      if (row + kTextsAhead < clients_) __builtin_prefetch(views[arrival_of_row_[row + kTextsAhead]].data());
      return views[arrival_of_row_[row]];
    };
    return FoldedText::Build(clients_, text_of, [&] {
      views = {};
      texts_of(shared_.arenas).bytes.Free();
    });
  }

  void BuildRowTexts() {
    for (const FieldDef& def : Fields()) {
      if (def.kind == FieldKind::kTextList && !def.filters.empty())
        Index(def.field).texts = BuildTextsByRow([&](auto& batch) -> auto& { return batch.of(def.field).text; });
      if (def.kind != FieldKind::kUsers) continue;
      Index(def.field).user_names = BuildTextsByRow([&](auto& batch) -> auto& { return batch.of(def.field).user_names; });
      Index(def.field).user_emails = BuildTextsByRow([&](auto& batch) -> auto& { return batch.of(def.field).user_emails; });
    }
  }

  void BuildRecords() {
    const auto offsets = Flatten<std::uint64_t>([](auto& batch) -> auto& { return batch.record_offsets; });
    parts_.records = RecordStore(shared_.region, clients_);
    ParallelRows(clients_, [&](std::uint32_t row) { parts_.records.Set(row, offsets[arrival_of_row_[row]]); });
    parts_.dictionaries = shared_.dictionaries;
  }

  SegmentShared& shared_;
  const Batches batches_;
  std::vector<std::uint32_t> batch_begins_;  // Arrival of each batch's first record.
  const SealProgress& progress_;

  // Three numberings: arrival (input order, repeated ids included), client (by id), row (the segment's).
  std::uint32_t arrivals_ = 0, clients_ = 0;
  HugeArray<std::uint32_t> arrival_of_client_, row_of_client_, arrival_of_row_;
  SortedClients sorted_created_;
  std::vector<DuplicateId> duplicates_;
  Segment::Parts parts_;
};

}  // namespace

SealResult SealBatches(SegmentShared& shared, std::vector<KeptBatch> batches, const SealProgress& progress) {
  const PageRecycling recycling;
  return Sealer(shared, std::move(batches), progress).Run();
}

}  // namespace clientele
