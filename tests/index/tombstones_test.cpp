#include "index/tombstones.h"

#include <algorithm>
#include <random>
#include <set>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/engine/random_world.h"

namespace clientele {
namespace {

// Compares a version with the set of rows that ought to be dead, at random positions of every order.
void CheckVersion(const Tombstones& tombstones, const Segment& segment, const std::set<std::uint32_t>& dead,
                  std::mt19937& random) {
  CHECK(tombstones.count() == dead.size());
  std::uint32_t wrong = 0;
  for (std::uint32_t row = 0; row < segment.row_count(); ++row) wrong += tombstones.Test(row) != dead.contains(row);
  CHECK(wrong == 0);
  std::uint32_t in_chunks = 0;
  for (std::uint32_t chunk = 0; chunk < tombstones.chunk_count(); ++chunk) in_chunks += tombstones.CountInChunk(chunk);
  CHECK(in_chunks == dead.size());
  for (const FieldDef& def : Fields()) {
    const SortOrder& order = segment.field(def.field).order;
    if (order.row_count() == 0) continue;
    std::vector<std::uint32_t> positions{0, order.row_count()};
    for (int i = 0; i < 5; ++i) positions.push_back(static_cast<std::uint32_t>(random() % (order.row_count() + 1)));
    for (const std::uint32_t position : positions) {
      const auto before = std::ranges::count_if(dead, [&](std::uint32_t row) { return order.position_of()[row] < position; });
      CHECK(tombstones.CountBefore(order, def.field, position) == before);
      if (position == order.row_count() || tombstones.Test(order.row_at()[position])) continue;
      CHECK(tombstones.PositionOfLiving(order, def.field, position - static_cast<std::uint32_t>(before)) == position);
    }
  }
}

TEST_CASE("Tombstones: every version keeps its dead rows, in bits and counted by position") {
  std::mt19937 random(5);
  for (const bool large : {false, true}) {
    const RandomWorld world = large ? LargeWorld(7) : SmallWorld(7);
    const Segment& segment = *OnlySegment(world.snapshot);
    REQUIRE(segment.row_count() > 10);
    std::vector<std::pair<std::shared_ptr<const Tombstones>, std::set<std::uint32_t>>> versions;
    versions.emplace_back(Tombstones::None(segment), std::set<std::uint32_t>());
    for (int version = 0; version < 4; ++version) {
      std::vector<std::uint32_t> rows;
      for (int i = 0; i < 200; ++i) rows.push_back(static_cast<std::uint32_t>(random() % segment.row_count()));
      std::set<std::uint32_t> dead = versions.back().second;
      dead.insert(rows.begin(), rows.end());
      versions.emplace_back(versions.back().first->With(segment, rows), std::move(dead));
    }
    for (const auto& [tombstones, dead] : versions) CheckVersion(*tombstones, segment, dead, random);
  }
}

}  // namespace
}  // namespace clientele
