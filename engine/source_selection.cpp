#include "engine/source_selection.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

namespace clientele {
namespace {

using Boundary = MergeSource::Boundary;
using Sources = std::span<const std::unique_ptr<MergeSource>>;

std::uint64_t Sum(const std::vector<Boundary>& boundaries) {
  std::uint64_t sum = 0;
  for (const Boundary& boundary : boundaries) sum += boundary.before;
  return sum;
}

// All matches between `from` and `to`, of which one is wanted, have the same first key. When ids decide among them, those before
// the wanted one are found by a search for its id; other keys would have to be put in order first, which the merge does.
std::vector<std::uint64_t> SkipInGroup(Sources sources, std::span<const OrderKey> keys, std::uint64_t offset,
                                       const std::vector<Boundary>& from, const std::vector<Boundary>& to) {
  std::vector<std::uint64_t> skip(from.size());
  const bool by_id = keys.size() == 1 || keys[1].field == Field::kId;
  if (!by_id) return skip;
  const bool descending = keys.size() > 1 && keys[1].descending;
  const std::uint64_t group = Sum(to) - Sum(from);
  // As a number of matches with lesser ids.
  const std::uint64_t wanted = descending ? group - (offset - Sum(from)) : offset - Sum(from);
  std::vector<std::uint64_t> low(from.size()), high(from.size());
  for (std::size_t i = 0; i < from.size(); ++i) high[i] = to[i].before - from[i].before;
  while (true) {
    std::size_t largest = 0;
    for (std::size_t i = 1; i < low.size(); ++i) {
      if (high[i] - low[i] > high[largest] - low[largest]) largest = i;
    }
    if (high[largest] == low[largest]) break;
    const std::uint64_t middle = low[largest] + (high[largest] - low[largest]) / 2;
    const std::int64_t id = sources[largest]->IdAt(from[largest], to[largest], middle);
    std::vector<std::uint64_t> below(low.size());
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < low.size(); ++i) {
      const bool is_known = low[i] == high[i];
      below[i] = is_known ? low[i] : std::clamp(sources[i]->CountIdsBelow(from[i], to[i], id), low[i], high[i]);
      sum += below[i];
    }
    if (sum >= wanted) {
      high = std::move(below);
    } else {
      low = std::move(below);
      ++low[largest];  // The match with this id stands before the wanted one, or is it.
    }
  }
  for (std::size_t i = 0; i < skip.size(); ++i) skip[i] = descending ? to[i].before - from[i].before - low[i] : low[i];
  return skip;
}

// The usual case: the sources are alike, so that a match's number in the largest one tells about where it stands among all, and
// after a look at how many stand before it, nearly where, or that many have its first key. Nothing is found where sources differ
// much: then the window is narrowed by Selection.
std::optional<SelectedStart> SelectByShare(Sources sources, std::span<const OrderKey> keys, std::uint64_t offset) {
  constexpr std::uint64_t kNearEnough = 48, kAimBefore = 8;  // Matches that may as well be merged.
  constexpr int kTriesMax = 4;
  const auto count_of = [&](std::size_t i) { return sources[i]->count(); };
  std::size_t largest = 0;
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    total += count_of(i);
    if (count_of(i) > count_of(largest)) largest = i;
  }
  const double largest_share = static_cast<double>(count_of(largest)) / static_cast<double>(total);
  double index = (static_cast<double>(offset) - kAimBefore) * largest_share;
  std::vector<Boundary> from(sources.size());
  for (int tries = 0; tries < kTriesMax; ++tries) {
    const auto last = static_cast<double>(count_of(largest) - 1);
    const auto number = static_cast<std::uint64_t>(std::clamp(index, 0.0, last));
    const auto [key, boundary] = sources[largest]->BoundaryNear(number);
    from[largest] = boundary;
    std::uint64_t before = boundary.before;
    for (std::size_t i = 0; i < sources.size(); ++i) {
      if (i == largest || count_of(i) == 0) continue;
      const double share = static_cast<double>(number) / (last + 1);
      from[i] = sources[i]->FindNear(key, static_cast<std::uint64_t>(share * static_cast<double>(count_of(i))));
      before += from[i].before;
    }
    if (before <= offset && offset - before <= kNearEnough)
      return SelectedStart{from, std::vector<std::uint64_t>(from.size()), true};
    if (before <= offset && sources[largest]->FindBehind(key, boundary).before > number) {
      std::vector<Boundary> to(from.size());
      for (std::size_t i = 0; i < sources.size(); ++i) to[i] = count_of(i) == 0 ? from[i] : sources[i]->FindBehind(key, from[i]);
      if (Sum(to) > offset) return SelectedStart{from, SkipInGroup(sources, keys, offset, from, to), true};
    }
    index =
        static_cast<double>(number) + (static_cast<double>(offset) - kAimBefore - static_cast<double>(before)) * largest_share;
  }
  return std::nullopt;
}

// Searches all sources for boundaries in front of match number `offset`, as near to it as boundaries get: within a group of equal
// first keys, or a few matches.
class Selection {
 public:
  Selection(Sources sources, std::span<const OrderKey> keys, std::uint64_t offset)
      : sources_(sources), keys_(keys), offset_(offset) {
    for (const auto& source : sources) {
      from_.push_back(source->Begin());
      to_.push_back(source->End());
    }
  }

  SelectedStart Run() {
    while (true) {
      const std::uint64_t before = Sum(from_), window = Sum(to_) - before;
      if (window <= kNearEnough) return {from_, std::vector<std::uint64_t>(from_.size()), false};
      // Matches of the sources lie among each other more or less evenly, so that the wanted one's share of the window tells where
      // it is, give or take the square root of the window: that much is cut off on both sides in turn. When that does not help,
      // the window is halved.
      const double spread = 2 * std::sqrt(static_cast<double>(window));
      const double aim = static_cast<double>(offset_ - before);
      const bool low = turn_ % 3 == 0, high = turn_ % 3 == 1;
      ++turn_;
      const double target = low ? aim - spread : high ? aim + spread : static_cast<double>(window) / 2;
      if (Narrow(std::clamp(target / static_cast<double>(window), 0.0, 1.0)))
        return {from_, SkipInGroup(sources_, keys_, offset_, from_, to_), false};
    }
  }

 private:
  static constexpr std::uint64_t kNearEnough = 32;  // Matches that may as well be merged.

  // Cuts the window at the key of a match, `share` of the way into the source that has most of it. True when the wanted match is
  // among those of that key.
  bool Narrow(double share) {
    std::size_t largest = 0;
    const auto size = [this](std::size_t i) { return to_[i].before - from_[i].before; };
    for (std::size_t i = 1; i < from_.size(); ++i) {
      if (size(i) > size(largest)) largest = i;
    }
    const auto step = std::min(static_cast<std::uint64_t>(share * static_cast<double>(size(largest))), size(largest) - 1);
    const SortKeyValue key = sources_[largest]->KeyAt(from_[largest], to_[largest], step);
    std::vector<Boundary> cut = Cut(key, false, from_, to_);
    if (Sum(cut) > offset_) {
      to_ = std::move(cut);
      return false;
    }
    std::vector<Boundary> behind = Cut(key, true, cut, to_);
    const bool found = Sum(behind) > offset_;
    from_ = std::move(found ? cut : behind);
    if (found) to_ = std::move(behind);
    return found;
  }

  std::vector<Boundary> Cut(const SortKeyValue& key, bool behind, const std::vector<Boundary>& from,
                            const std::vector<Boundary>& to) const {
    std::vector<Boundary> cut;
    cut.reserve(from.size());
    for (std::size_t i = 0; i < from.size(); ++i) {
      const bool is_empty = from[i].before == to[i].before;
      cut.push_back(is_empty ? from[i] : sources_[i]->Find(key, behind, from[i], to[i]));
    }
    return cut;
  }

  const Sources sources_;
  const std::span<const OrderKey> keys_;
  const std::uint64_t offset_;
  std::vector<Boundary> from_, to_;
  std::uint32_t turn_ = 0;
};

}  // namespace

SelectedStart SelectStart(Sources sources, std::span<const OrderKey> keys, std::uint64_t offset) {
  for (const auto& source : sources) source->Rank(keys[0]);
  if (auto start = SelectByShare(sources, keys, offset)) return *std::move(start);
  return Selection(sources, keys, offset).Run();
}

}  // namespace clientele
