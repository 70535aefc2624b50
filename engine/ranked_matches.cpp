#include "engine/ranked_matches.h"

#include <algorithm>
#include <numeric>
#include <span>
#include <utility>

#include "engine/order_plan.h"
#include "engine/position_histogram.h"

namespace clientele {

RankedMatches::RankedMatches(const SortOrder& order, Field field, std::shared_ptr<const MatchSet> matches)
    : order_(order), field_(field), matches_(std::move(matches)) {
  if (matches_->form == MatchSet::Form::kAll) return;
  if (AreSorted(order_, *matches_)) {
    SortPositions();
    return;
  }
  if (matches_->form == MatchSet::Form::kRows) {
    auto bits = std::make_shared<MatchSet>();
    bits->form = MatchSet::Form::kBits;
    bits->count = matches_->count;
    bits->bits = std::make_unique<RowBitmap>(order_.row_count());
    for (const std::uint32_t row : matches_->rows) bits->bits->Set(row);
    matches_ = std::move(bits);
  }
  by_planes_ = ArePlanesCheaper(order_, *matches_->bits);
  if (!by_planes_) CountBuckets();
}

double RankedMatches::Cost(const SortOrder& order, const MatchSet& matches) {
  constexpr double kPerSorted = 10, kPerListed = 3;
  if (matches.form == MatchSet::Form::kAll) return 0;
  if (AreSorted(order, matches)) return kPerSorted * static_cast<double>(matches.count);
  if (matches.form == MatchSet::Form::kRows) return kPerListed * static_cast<double>(matches.count);
  return ArePlanesCheaper(order, *matches.bits) ? PlanesCost(*matches.bits) : HistogramCost(order, *matches.bits);
}

bool RankedMatches::ArePlanesCheaper(const SortOrder& order, const RowBitmap& bits) {
  return order.plane_count() > 0 && PlanesCost(bits) < HistogramCost(order, bits);
}

void RankedMatches::SortPositions() {
  is_sorted_ = true;
  AppendRows(*matches_, positions_);
  for (std::uint32_t& row : positions_) row = order_.position_of()[row];
  std::ranges::sort(positions_);
}

void RankedMatches::CountBuckets() {
  const PositionHistogram histogram(order_, *matches_->bits);
  shift_ = histogram.shift();
  before_.resize(histogram.counts().size() + 1);
  std::partial_sum(histogram.counts().begin(), histogram.counts().end(), before_.begin() + 1);
}

void RankedMatches::CountBucketsOnce() {
  if (matches_->form == MatchSet::Form::kBits && before_.empty()) CountBuckets();
}

bool RankedMatches::Matches(std::uint32_t position) const {
  const std::uint32_t row = order_.row_at()[position];
  return matches_->form == MatchSet::Form::kAll ? matches_->dead == nullptr || !matches_->dead->Test(row)
                                                : matches_->bits->Test(row);
}

// Position by position: for what is near.
RankedMatches::Place RankedMatches::Count(Place from, std::uint32_t position) const {
  while (from.position < position) from.before += Matches(from.position++);
  while (from.position > position) from.before -= Matches(--from.position);
  return from;
}

std::uint32_t RankedMatches::CountBefore(std::uint32_t position) {
  if (is_sorted_) return static_cast<std::uint32_t>(std::ranges::lower_bound(positions_, position) - positions_.begin());
  if (matches_->form == MatchSet::Form::kAll && matches_->dead == nullptr) return position;
  if (!window_.positions.empty() && position - window_.begin <= window_.end - window_.begin) return window_.CountBefore(position);
  const bool is_near = std::max(position, last_.position) - std::min(position, last_.position) <= kNearPositions;
  if (!is_near) CountBucketsOnce();
  last_ = is_near ? Count(last_, position) : Place{position, CountByBuckets(position)};
  return last_.before;
}

std::uint32_t RankedMatches::PositionOf(std::uint32_t index) {
  if (is_sorted_) return positions_[index];
  if (matches_->form == MatchSet::Form::kAll && matches_->dead == nullptr) return index;
  if (IsInWindow(index)) return window_.positions[index - window_.before];
  // Matches may stand closer together elsewhere than here, so the way there is bounded.
  const double rows_per_match = static_cast<double>(order_.row_count()) / static_cast<double>(count());
  const std::uint32_t distance = std::max(index, last_.before) - std::min(index, last_.before);
  std::uint32_t steps = distance * rows_per_match > kNearPositions ? 0 : 2 * kNearPositions;
  Place place = last_;
  for (; steps > 0 && place.before > index; --steps) place.before -= Matches(--place.position);
  for (; steps > 0 && (place.before < index || !Matches(place.position)); --steps) place.before += Matches(place.position++);
  last_ = steps > 0 ? place : Place{PositionFarAway(index), index};
  return last_.position;
}

RankedMatches::Place RankedMatches::PlaceNear(std::uint32_t index, bool behind) {
  if (has_buckets()) {
    const std::uint32_t edge = BucketOf(index) + (behind ? 1 : 0);
    const std::uint64_t position = std::min<std::uint64_t>(std::uint64_t{edge} << shift_, order_.row_count());
    const std::uint32_t distance = behind ? before_[edge] - index : index - before_[edge];
    if (distance <= kFew) return last_ = {static_cast<std::uint32_t>(position), before_[edge]};
  }
  const std::uint32_t position = PositionOf(index);
  return behind ? Place{position + 1, index + 1} : Place{position, index};
}

std::uint32_t RankedMatches::PositionFarAway(std::uint32_t index) {
  if (by_planes_ && descents_ < kDescentsMax) {
    ++descents_;
    window_ = WindowByPlanes(order_, *matches_->bits, index - std::min(index, kNearMatches),
                             std::min(index + kNearMatches, count() - 1));
    return window_.positions[index - window_.before];
  }
  CountBucketsOnce();
  return PositionByBuckets(index);
}

std::vector<std::uint32_t> RankedMatches::PositionsByPlanes(std::uint32_t from, std::uint64_t wanted, bool descending,
                                                            bool whole_groups) {
  const std::uint32_t before = CountBefore(from);
  const std::uint32_t there = descending ? before : count() - before;
  const auto taken = static_cast<std::uint32_t>(std::min<std::uint64_t>(there, wanted));
  if (taken == 0) return {};
  const std::uint32_t first = descending ? before - taken : before, last = first + taken - 1;
  if (!IsInWindow(first) || !IsInWindow(last)) window_ = WindowByPlanes(order_, *matches_->bits, first, last);
  const WindowRange groups = TakeRange(window_, first, last, whole_groups, order_, *matches_->bits);
  const std::uint32_t skipped = window_.CountBefore(groups.begin) - window_.before;
  const std::uint32_t size = window_.CountBefore(groups.end) - window_.before - skipped;
  const std::span<const std::uint32_t> found = std::span(window_.positions).subspan(skipped, size);
  return {found.begin(), found.end()};
}

std::vector<std::uint32_t> RankedMatches::PositionsFrom(std::uint32_t from, std::uint64_t wanted, bool descending,
                                                        bool whole_groups) {
  if (by_planes_) return PositionsByPlanes(from, wanted, descending, whole_groups);
  const std::uint32_t before = CountBefore(from);
  const RankedBits& starts = order_.group_starts();
  std::uint32_t first = from, last = from;
  if (descending) {
    const auto rank = static_cast<std::uint32_t>(before - std::min<std::uint64_t>(before, wanted));
    const auto behind = std::ranges::upper_bound(before_, rank);
    const auto bucket = static_cast<std::uint32_t>(behind - before_.begin()) - 1;
    first = starts.Previous(std::min(bucket << shift_, from));
  } else {
    const auto rank = static_cast<std::uint32_t>(std::min<std::uint64_t>(before + wanted, count()));
    const auto bucket = static_cast<std::uint64_t>(std::ranges::lower_bound(before_, rank) - before_.begin());
    last = static_cast<std::uint32_t>(std::clamp<std::uint64_t>(bucket << shift_, from, order_.row_count()));
    if (last < order_.row_count()) last = starts.Next(last);
  }
  std::vector<std::uint32_t> positions;
  ForEachRow(*matches_->bits, [&, position_of = order_.position_of()](std::uint32_t row) {
    if (position_of[row] - first < last - first) positions.push_back(position_of[row]);
  });
  std::ranges::sort(positions);
  return positions;
}

std::uint32_t RankedMatches::BucketOf(std::uint32_t index) const {
  return static_cast<std::uint32_t>(std::ranges::upper_bound(before_, index) - before_.begin()) - 1;
}

std::uint32_t RankedMatches::CountByBuckets(std::uint32_t position) const {
  if (matches_->form == MatchSet::Form::kAll) return position - matches_->dead->CountBefore(order_, field_, position);
  if (position == order_.row_count()) return count();
  const std::uint32_t bucket = position >> shift_;
  if (before_[bucket + 1] == before_[bucket]) return before_[bucket];
  return Count({bucket << shift_, before_[bucket]}, position).before;
}

std::uint32_t RankedMatches::PositionByBuckets(std::uint32_t index) const {
  if (matches_->form == MatchSet::Form::kAll) return matches_->dead->PositionOfLiving(order_, field_, index);
  const std::uint32_t bucket = BucketOf(index);
  std::uint32_t left = index - before_[bucket];
  std::uint32_t position = bucket << shift_;
  while (!Matches(position) || left-- > 0) ++position;
  return position;
}

}  // namespace clientele
