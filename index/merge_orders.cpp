#include "index/merge_orders.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <span>

#include "index/merge_rows.h"
#include "index/parallel.h"
#include "index/text_search.h"

namespace clientele {
namespace {

// Fates are fetched so many rows before they are looked at: they are a cache miss each.
constexpr std::ptrdiff_t kRowsAhead = 16;

// Rows of one source that follow each other in one of its orders.
struct RowRun {
  const std::uint32_t *begin, *end;
  const std::uint32_t* last;  // Of the whole order: what may be fetched ahead.
  const RowFate* fates;
  std::uint32_t base;

  const RowFate& Fate(const std::uint32_t* at) const { return fates[*at]; }
  void FetchAhead(const std::uint32_t* at) const { __builtin_prefetch(&fates[*std::min(at + kRowsAhead, last)]); }
};

RowRun RunOf(const MergedRows& rows, const MergeSource& source, const SortOrder& order, std::uint32_t first, std::uint32_t last) {
  const std::uint32_t* const at = order.row_at();
  return {at + first, at + last, at + std::max(order.row_count(), 1u) - 1, rows.FatesOf(source), source.base};
}

// Writes the merged order.
class OrderWriter {
 public:
  OrderWriter(const MergedRows& rows, OrderOf what) : what_(what), starts_(rows.row_count / 64 + 1) {
    at_ = HugeArray<std::uint32_t>::Uninitialized(rows.row_count);
    seen_.resize((what == OrderOf::kRows ? rows.row_count : rows.old_count) / 64 + 1);
  }

  void BeginGroup() { group_ = count_; }

  // Whether the group has living rows; if not, there is no such group.
  bool EndGroup() {
    if (count_ == group_) return false;
    starts_[group_ / 64] |= std::uint64_t{1} << (group_ % 64);
    return true;
  }

  // The living rows of the run.
  void Append(const RowRun& run) {
    for (const std::uint32_t* at = run.begin; at != run.end; ++at) {
      run.FetchAhead(at);
      if (!run.Fate(at).is_dead()) Put(run, at);
    }
  }

  // The living rows of runs that each ascend by client. Spends `runs`.
  void Merge(std::vector<RowRun>& runs) {
    std::erase_if(runs, [](RowRun& run) { return !SkipDead(run); });
    while (runs.size() > 1) {
      std::size_t first = 0;
      std::uint32_t least = RowFate::kDead, limit = RowFate::kDead;  // No client has this number.
      for (std::size_t i = 0; i < runs.size(); ++i) {
        const std::uint32_t client = runs[i].Fate(runs[i].begin).client;
        limit = std::min(limit, std::max(client, least));
        if (client < least) first = i;
        least = std::min(client, least);
      }
      RowRun& run = runs[first];
      bool more = true;
      do {
        run.FetchAhead(run.begin);
        Put(run, run.begin++);
        more = SkipDead(run);
      } while (more && run.Fate(run.begin).client < limit);
      if (!more) runs.erase(runs.begin() + static_cast<std::ptrdiff_t>(first));
    }
    if (!runs.empty()) Append(runs[0]);
  }

  std::uint32_t count() const { return count_; }

  MergedOrder Finish(std::uint32_t keyed_count) && {
    if (count_ != at_.size() || repeated_) throw DamagedInput{"an order that does not have every row once"};
    return {std::move(at_), std::move(starts_), keyed_count};
  }

 private:
  // Moves to the next living row; false when there is none.
  static bool SkipDead(RowRun& run) {
    while (run.begin != run.end && run.Fate(run.begin).is_dead()) ++run.begin;
    return run.begin != run.end;
  }

  void Put(const RowRun& run, const std::uint32_t* at) {
    const std::uint32_t number = what_ == OrderOf::kRows ? run.Fate(at).row : run.base + *at;
    if (count_ == at_.size()) throw DamagedInput{"an order of more rows than there are"};
    at_.data()[count_++] = number;
    std::uint64_t& seen = seen_[number / 64];
    const std::uint64_t bit = std::uint64_t{1} << (number % 64);
    repeated_ |= (seen & bit) != 0;
    seen |= bit;
    if (count_ % (1u << 16) == 0) ThrowIfCancelled();
  }

  const OrderOf what_;
  HugeArray<std::uint32_t> at_;
  std::vector<std::uint64_t> starts_;
  std::vector<std::uint64_t> seen_;  // A bit for each number that was put.
  bool repeated_ = false;
  std::uint32_t count_ = 0, group_ = 0;
};

// The keys of an order's groups, one after the other.
class NumberKeys {
 public:
  using Key = std::int64_t;
  explicit NumberKeys(const FieldIndex& index) : keys_(&index.keys) {}
  Key Next() { return (*keys_)[next_++]; }

 private:
  const SortedValues* keys_;
  std::uint32_t next_ = 0;
};

class TextKeys {
 public:
  using Key = std::string_view;
  explicit TextKeys(const FieldIndex& index) : left_(index.texts.AllItems()) {}
  Key Next() {
    const Key key = left_.substr(0, left_.find(kItemSeparator));
    left_.remove_prefix(std::min(key.size() + 1, left_.size()));
    return key;
  }

 private:
  std::string_view left_;
};

// The groups of one source that have a key, one after the other.
template <class Keys>
class GroupStream {
 public:
  using Key = typename Keys::Key;

  GroupStream(const MergedRows& rows, const MergeSource& source, const FieldIndex& index)
      : rows_(&rows), source_(&source), order_(&index.order), keys_(index) {
    Load();
  }

  bool done() const { return begin_ == order_->keyed_count(); }
  const Key& key() const { return key_; }
  RowRun run() const { return RunOf(*rows_, *source_, *order_, begin_, end_); }
  void Advance() {
    begin_ = end_;
    Load();
  }

 private:
  void Load() {
    if (done()) return;
    key_ = keys_.Next();
    end_ = order_->group_starts().Next(begin_ + 1);
  }

  const MergedRows* rows_;
  const MergeSource* source_;
  const SortOrder* order_;
  Keys keys_;
  Key key_{};
  std::uint32_t begin_ = 0, end_ = 0;
};

// Which stream has the least key, how many have it, and the least key of the others.
template <class Key>
struct Least {
  std::size_t stream = 0;
  std::size_t ties = 1;
  std::optional<Key> limit;
};
template <class Keys>
Least<typename Keys::Key> FindLeast(const std::vector<GroupStream<Keys>>& streams) {
  Least<typename Keys::Key> least;
  for (std::size_t i = 1; i < streams.size(); ++i) {
    const auto& key = streams[i].key();
    const auto& known = streams[least.stream].key();
    const auto compared = key <=> known;
    if (compared < 0) {
      least.limit = known;
      least.stream = i;
      least.ties = 1;
    } else if (compared == 0) {
      ++least.ties;
    } else if (!least.limit || key < *least.limit) {
      least.limit = key;
    }
  }
  return least;
}

// Calls on_key(key) for the key of each group that has living rows.
template <class Keys, class OnKey>
MergedOrder MergeOrder(const MergedRows& rows, Field field, OrderOf what, const OnKey& on_key) {
  std::vector<GroupStream<Keys>> streams;
  std::vector<RowRun> runs;
  for (const MergeSource& source : rows.sources) streams.emplace_back(rows, source, source.segment->field(field));
  const auto drop_done = [&] { std::erase_if(streams, [](const auto& stream) { return stream.done(); }); };
  drop_done();
  OrderWriter writer(rows, what);
  while (!streams.empty()) {
    const auto least = FindLeast(streams);
    if (least.ties == 1) {
      GroupStream<Keys>& stream = streams[least.stream];
      do {
        writer.BeginGroup();
        writer.Append(stream.run());
        if (writer.EndGroup()) on_key(stream.key());
        stream.Advance();
      } while (!stream.done() && (!least.limit || stream.key() < *least.limit));
    } else {
      const auto key = streams[least.stream].key();
      writer.BeginGroup();
      runs.clear();
      for (GroupStream<Keys>& stream : streams) {
        if (stream.key() != key) continue;
        runs.push_back(stream.run());
        stream.Advance();
      }
      // A stream that has ended keeps its key until it is dropped below.
      writer.Merge(runs);
      if (writer.EndGroup()) on_key(key);
    }
    drop_done();
  }
  const std::uint32_t keyed_count = writer.count();
  runs.clear();
  for (const MergeSource& source : rows.sources) {
    const SortOrder& order = source.segment->field(field).order;
    runs.push_back(RunOf(rows, source, order, order.keyed_count(), order.row_count()));
  }
  writer.Merge(runs);
  return std::move(writer).Finish(keyed_count);
}

}  // namespace

MergedKeys MergeKeyOrder(const MergedRows& rows, Field field, OrderOf what) {
  MergedKeys merged;
  merged.order = MergeOrder<NumberKeys>(rows, field, what, [&](std::int64_t key) { merged.keys.push_back(key); });
  return merged;
}

MergedTexts MergeTextOrder(const MergedRows& rows, Field field) {
  MergedTexts merged;
  std::size_t texts_max = 0, texts = 0;
  for (const MergeSource& source : rows.sources) texts_max += source.segment->field(field).texts.size();
  merged.texts = HugeArray<std::string_view>::Uninitialized(texts_max);
  merged.order =
      MergeOrder<TextKeys>(rows, field, OrderOf::kRows, [&](std::string_view text) { merged.texts.data()[texts++] = text; });
  merged.texts.Shrink(texts);
  return merged;
}

}  // namespace clientele
