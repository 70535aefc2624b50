// Random matches by their position in random orders: how many stand before a place, where each is, and those near a place are
// what counting one by one says, whatever was asked before.
#include "engine/ranked_matches.h"

#include <algorithm>
#include <numeric>
#include <random>
#include <vector>

#include <catch2/catch.hpp>

namespace clientele {
namespace {

// Rows in random order, in groups of equal keys of 1 to `group_max` rows.
SortOrder RandomOrder(std::uint32_t rows, std::uint32_t group_max, std::mt19937& random, bool with_planes = false) {
  HugeArray<std::uint32_t> row_at = HugeArray<std::uint32_t>::Uninitialized(rows);
  std::iota(row_at.data(), row_at.data() + rows, 0u);
  std::shuffle(row_at.data(), row_at.data() + rows, random);
  std::vector<std::uint64_t> starts((rows + 63) / 64);
  for (std::size_t position = 0; position < rows; position += 1 + random() % group_max)
    starts[position / 64] |= std::uint64_t{1} << (position % 64);
  return {std::move(row_at), std::move(starts), rows, with_planes};
}

}  // namespace

TEST_CASE("ranked matches are found where counting one by one finds them", "[engine][ranked_matches]") {
  std::mt19937 random(5);
  for (int turn = 0; turn < 24; ++turn) {
    const std::uint32_t rows = turn % 3 == 0 ? 700 : turn % 3 == 1 ? 20'000 : 150'000;
    const std::uint32_t one_in = turn % 4 == 0 ? 2 : turn % 4 == 1 ? 30 : 300;
    CAPTURE(turn, rows, one_in);
    const SortOrder order = RandomOrder(rows, turn % 2 == 0 ? 1 : 40, random);
    auto matches = std::make_shared<MatchSet>();
    matches->form = MatchSet::Form::kBits;
    matches->bits = std::make_unique<RowBitmap>(rows);
    std::vector<std::uint32_t> positions;
    for (std::uint32_t position = 0; position < rows; ++position) {
      // Evenly spread, or all at the far end, where what is near by number is far away.
      if (random() % one_in != 0 || (turn >= 12 && position < rows / 10 * 9)) continue;
      positions.push_back(position);
      matches->bits->Set(order.row_at()[position]);
    }
    matches->count = positions.size();
    if (positions.empty()) continue;
    RankedMatches ranked(order, Field::kCreatedAt, matches);
    REQUIRE((ranked.sorted_positions() != nullptr) != ranked.has_buckets());
    REQUIRE_FALSE(ranked.by_planes());
    const auto before = [&](std::uint32_t position) {
      return static_cast<std::uint32_t>(std::ranges::lower_bound(positions, position) - positions.begin());
    };
    std::uint32_t last = 0;
    for (int i = 0; i < 300; ++i) {
      // Far from what was asked last and near, in both directions.
      const auto anywhere = static_cast<std::uint32_t>(random() % (rows + 1));
      const std::uint32_t position =
          i % 2 == 0 ? anywhere : std::clamp(last + 500, anywhere % 1'000, rows + 0u) - anywhere % 1'000;
      last = std::min(position, rows);
      REQUIRE(ranked.CountBefore(last) == before(last));
      const auto index = static_cast<std::uint32_t>(i % 3 == 0 ? random() % positions.size()
                                                               : std::min<std::size_t>(before(last), positions.size() - 1));
      REQUIRE(ranked.PositionOf(index) == positions[index]);
    }
    if (!ranked.has_buckets()) continue;
    for (int i = 0; i < 40; ++i) {
      const bool descending = i % 2 == 0;
      const std::uint32_t from = order.group_starts().Previous(static_cast<std::uint32_t>(random() % rows));
      const std::uint64_t there = descending ? before(from) : positions.size() - before(from);
      if (there == 0) continue;
      const std::uint64_t wanted = 1 + random() % 200;
      const std::vector<std::uint32_t> found = ranked.PositionsFrom(from, wanted, descending, true);
      CAPTURE(from, wanted, descending);
      REQUIRE(found.size() >= std::min(wanted, there));
      const auto begin = descending ? positions.begin() + before(from) - static_cast<std::ptrdiff_t>(found.size())
                                    : positions.begin() + before(from);
      REQUIRE(std::equal(found.begin(), found.end(), begin));
      // The group at the far end is whole.
      const RankedBits& starts = order.group_starts();
      if (descending && begin != positions.begin()) CHECK(starts.Previous(found.front()) > *(begin - 1));
      const auto end = begin + static_cast<std::ptrdiff_t>(found.size());
      if (!descending && end != positions.end()) CHECK(starts.Next(found.back() + 1) <= *end);
    }
  }
}

TEST_CASE("many matches are found by bit planes where counting one by one finds them", "[engine][ranked_matches]") {
  std::mt19937 random(6);
  constexpr std::uint32_t kRows = 150'000;
  for (int turn = 0; turn < 12; ++turn) {
    const std::uint32_t one_in = 2 + turn % 3, group_max = turn % 4 == 0 ? 1 : turn % 4 == 1 ? 3 : turn % 4 == 2 ? 40 : 20'000;
    CAPTURE(turn, one_in, group_max);
    const SortOrder order = RandomOrder(kRows, group_max, random, true);
    auto matches = std::make_shared<MatchSet>();
    matches->form = MatchSet::Form::kBits;
    matches->bits = std::make_unique<RowBitmap>(kRows);
    std::vector<std::uint32_t> positions;
    for (std::uint32_t position = 0; position < kRows; ++position) {
      // Also with nothing in the middle.
      if (random() % one_in != 0 || (turn >= 6 && position - kRows / 4 < kRows / 2)) continue;
      positions.push_back(position);
      matches->bits->Set(order.row_at()[position]);
    }
    matches->count = positions.size();
    const auto before = [&](std::uint32_t position) {
      return static_cast<std::uint32_t>(std::ranges::lower_bound(positions, position) - positions.begin());
    };
    for (int i = 0; i < 60; ++i) {
      RankedMatches ranked(order, Field::kCreatedAt, matches);
      REQUIRE(ranked.by_planes());
      REQUIRE_FALSE(ranked.has_buckets());
      const auto last = static_cast<std::uint32_t>(positions.size() - 1);
      const std::uint32_t index = i == 0 ? 0 : i == 1 ? last : static_cast<std::uint32_t>(random() % positions.size());
      CAPTURE(i, index);
      REQUIRE(ranked.PositionOf(index) == positions[index]);
      REQUIRE_FALSE(ranked.has_buckets());
      // Near by, at and beyond the ends of what is known of its surroundings; and far away, until they are counted.
      for (const std::uint32_t step : {1u, 70u, 300u, 5'000u, 30'000u}) {
        const std::uint32_t other = std::min(index + step, last);
        REQUIRE(ranked.PositionOf(other) == positions[other]);
        REQUIRE(ranked.CountBefore(positions[other]) == other);
      }
      const bool descending = i % 2 == 0, whole_groups = i % 3 != 0;
      const RankedMatches::Place place = ranked.PlaceNear(index, descending);
      REQUIRE(place.before == before(place.position));
      REQUIRE((descending ? place.position > positions[index] : place.position <= positions[index]));
      REQUIRE((descending ? place.before - index : index - place.before) <= 20);

      const std::uint32_t from =
          descending ? order.group_starts().Next(positions[index] + 1) : order.group_starts().Previous(positions[index]);
      const std::uint64_t there = descending ? before(from) : positions.size() - before(from);
      const std::uint64_t wanted = 1 + random() % 200;
      const std::vector<std::uint32_t> found = ranked.PositionsFrom(from, wanted, descending, whole_groups);
      REQUIRE(found.size() >= std::min(wanted, there));
      const auto begin = descending ? positions.begin() + before(from) - static_cast<std::ptrdiff_t>(found.size())
                                    : positions.begin() + before(from);
      REQUIRE(std::equal(found.begin(), found.end(), begin));
      if (!whole_groups) continue;
      const RankedBits& starts = order.group_starts();
      if (descending && begin != positions.begin()) CHECK(starts.Previous(found.front()) > *(begin - 1));
      const auto end = begin + static_cast<std::ptrdiff_t>(found.size());
      if (!descending && end != positions.end()) CHECK(starts.Next(found.back() + 1) <= *end);
    }
  }
}

}  // namespace clientele
