// Several segments with dead rows answer like the oracle over the clients that are current. Seeds and numbers of queries as in
// property_test.cpp.
#include <cstdlib>
#include <iostream>
#include <map>
#include <string>

#include <catch2/catch.hpp>

#include "engine/query_parser.h"
#include "tests/engine/answer_check.h"
#include "tests/engine/random_queries.h"
#include "tests/engine/random_world.h"

namespace clientele {
namespace {

std::uint64_t FromEnvironment(const char* name, std::uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

constexpr std::array kMergePlans{MergePlan::kFromStart, MergePlan::kFromGuess, MergePlan::kSelected, MergePlan::kWordGroups};
constexpr std::array kOrderPlans{OrderPlan::kArithmetic, OrderPlan::kWalk, OrderPlan::kGather, OrderPlan::kHistogram,
                                 OrderPlan::kValueGroups};

struct Coverage {
  std::map<MergePlan, std::uint64_t> merge;
  std::map<OrderPlan, std::uint64_t> order;
  std::map<FilterPlan, std::uint64_t> filter;
  std::uint64_t segments = 0, small_segments = 0;

  void Print(std::uint64_t queries) {
    std::cout << queries << " queries on worlds of several segments; merged:";
    for (const MergePlan plan : kMergePlans) std::cout << " " << MergePlanName(plan) << " " << merge[plan];
    std::cout << "; in one segment:";
    for (const auto& [plan, count] : order) std::cout << " " << OrderPlanName(plan) << " " << count;
    std::cout << "; filters:";
    for (const auto& [plan, count] : filter) std::cout << " " << FilterPlanName(plan) << " " << count;
    std::cout << "; " << small_segments << " of " << segments << " segments filtered as small ones" << std::endl;
  }
};

bool AskWorld(const RandomWorld& world, std::uint64_t seed, std::uint64_t queries, Coverage& coverage) {
  static constexpr std::uint32_t kBatches[] = {1, 7, 100, 4096};
  Random random(seed ^ 0x5DEECE66D);
  for (std::uint64_t i = 0; i < queries; ++i) {
    const Query query = std::get<Query>(ParseQuery(RandomRequest(*world.oracle, random)));
    AskOptions ask{.stream = random.Chance(150), .stream_batch = random.Pick(kBatches), .twin = random.Chance(100)};
    ask.threads = random.Chance(200) ? 2 : 1;
    if (random.Chance(700)) ask.force_merge = random.Pick(kMergePlans);
    if (random.Chance(500)) ask.force_order = random.Pick(kOrderPlans);
    ask.render = random.Chance(100);
    INFO("CLIENTELE_PROPERTY_SEED=" << seed << ", query " << i << ", " << world.oracle->clients().size() << " clients, "
                                    << world.snapshot.sealed->segments().size() << " segments");
    Explain explain;
    const std::string difference = Difference(*world.oracle, world.snapshot, query, ask, explain);
    ++coverage.merge[explain.merge_plan];
    ++coverage.order[explain.order_plan];
    ++coverage.filter[explain.filter_plan];
    coverage.segments += explain.segments;
    coverage.small_segments += explain.small_segments;
    CHECK(explain.rows_total == world.oracle->clients().size());
    if (difference.empty()) continue;
    FAIL_CHECK(difference << "\nmade smaller: " << SmallestDifference(*world.oracle, world.snapshot, query, ask));
    return false;
  }
  return true;
}

}  // namespace

TEST_CASE("several segments with dead rows answer like the oracle", "[property]") {
  const std::uint64_t queries = FromEnvironment("CLIENTELE_PROPERTY_QUERIES", 50'000) / 2;
  const std::uint64_t first_seed = FromEnvironment("CLIENTELE_PROPERTY_SEED", 1);
  Coverage coverage;
  std::uint64_t asked = 0;
  for (std::uint64_t seed = first_seed; asked < queries; ++seed, asked += 300) {
    if (!AskWorld(SmallSplitWorld(seed), seed, 300, coverage)) break;
  }
  coverage.Print(asked);
  if (asked < 20'000) return;
  for (const MergePlan plan : kMergePlans) CHECK(coverage.merge[plan] >= (plan == MergePlan::kFromGuess ? 100 : 200));
  for (const OrderPlan plan : kOrderPlans) CHECK(coverage.order[plan] >= 20);
  // The others are the first ones of their worlds, asked for a text, or by several threads.
  CHECK(coverage.small_segments >= coverage.segments / 5);
}

TEST_CASE("several large segments with dead rows answer like the oracle", "[property][large]") {
  const std::uint64_t queries = FromEnvironment("CLIENTELE_PROPERTY_QUERIES", 50'000) / 150;
  const std::uint64_t first_seed = FromEnvironment("CLIENTELE_PROPERTY_SEED", 1);
  Coverage coverage;
  std::uint64_t asked = 0;
  for (std::uint64_t seed = first_seed; asked < queries; ++seed, asked += 170) {
    if (!AskWorld(LargeSplitWorld(seed), seed, 170, coverage)) break;
  }
  coverage.Print(asked);
}

}  // namespace clientele
