// Finding a deep page by counting: a page may begin or end at any match of a bucket, and the mistakes are made at a bucket's
// first and last. Random offsets seldom fall there, so these tests ask for every offset in a row.
#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "engine/execute.h"
#include "engine/query_parser.h"
#include "tests/engine/random_world.h"

namespace clientele {
namespace {

constexpr std::uint64_t kOffsets = 1'000;  // Several buckets of the world below.
constexpr std::uint64_t kLimit = 3;

// The ids of all matches in order, by the oracle.
std::vector<std::int64_t> AllIds(const RandomWorld& world, Query query) {
  query.offset = 0;
  query.limit.reset();
  return world.oracle->Ask(query).ids;
}

std::vector<std::int64_t> PageIds(const RandomWorld& world, const Query& query, OrderPlan plan) {
  Explain explain;
  const auto page = ExecutePage(world.snapshot, query, {.explain = &explain, .threads = 1, .force_order = plan});
  REQUIRE(page.ok());
  REQUIRE(explain.order_plan == plan);
  std::vector<std::int64_t> ids;
  for (const std::uint32_t row : page->rows) ids.push_back(ClientId(world.snapshot, row));
  return ids;
}

// Asks for kOffsets offsets in a row at both ends and in the middle of the matches.
void CheckEveryOffset(const RandomWorld& world, const std::string& ordering, OrderPlan plan) {
  const std::vector<Parameter> parameters{{"deleted", "false"}, {"ordering", ordering}};
  Query query = std::get<Query>(ParseQuery(parameters));
  query.limit = kLimit;
  const std::vector<std::int64_t> ids = AllIds(world, query);
  REQUIRE(ids.size() > 3 * kOffsets);
  REQUIRE(ids.size() < world.oracle->clients().size());
  for (const std::uint64_t begin : {std::uint64_t{0}, ids.size() / 2, ids.size() - kOffsets}) {
    for (query.offset = begin; query.offset < begin + kOffsets; ++query.offset) {
      const auto first = ids.begin() + static_cast<std::ptrdiff_t>(query.offset);
      const auto last = first + std::min<std::ptrdiff_t>(kLimit, ids.end() - first);
      const std::vector<std::int64_t> page = PageIds(world, query, plan);
      if (std::equal(first, last, page.begin(), page.end())) continue;
      INFO("ordering " << ordering << ", " << OrderPlanName(plan) << ", offset " << query.offset << " of " << ids.size());
      CHECK(page == std::vector(first, last));
      return;
    }
  }
}

}  // namespace

TEST_CASE("a deep page found by counting begins at exactly its offset, whichever that is", "[property]") {
  const RandomWorld world = LargeWorld(3);
  for (const OrderPlan plan : {OrderPlan::kHistogram, OrderPlan::kBitPlanes}) {
    for (const char* const ordering : {"id", "-id", "created_at", "-created_at"}) CheckEveryOffset(world, ordering, plan);
  }
}

}  // namespace clientele
