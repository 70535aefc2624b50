// Every plan answers like the oracle, over random clients and random requests. Each world has a seed of its own:
//
//   CLIENTELE_PROPERTY_SEED=<seed of a failure> CLIENTELE_PROPERTY_QUERIES=1 build/release/tests/clientele_tests "[property]"
//
// sees the failing world again, as the first one, whatever the number of queries was.
#include <array>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "engine/query_parser.h"
#include "index/segment.h"
#include "tests/engine/answer_check.h"
#include "tests/engine/random_queries.h"
#include "tests/engine/random_world.h"

namespace clientele {
namespace {

constexpr int kFailuresShown = 5;

std::uint64_t FromEnvironment(const char* name, std::uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

std::uint64_t QueriesToRun() {
  return FromEnvironment("CLIENTELE_PROPERTY_QUERIES", 50'000);
}
std::uint64_t FirstSeed() {
  return FromEnvironment("CLIENTELE_PROPERTY_SEED", 1);
}

constexpr std::array kOrderPlans{OrderPlan::kArithmetic, OrderPlan::kWalk,      OrderPlan::kGather,
                                 OrderPlan::kHistogram,  OrderPlan::kBitPlanes, OrderPlan::kValueGroups};
constexpr std::array kFilterPlans{FilterPlan::kAll, FilterPlan::kStored, FilterPlan::kCandidates, FilterPlan::kChunks};

// Every way to read an index that a condition may take, as the explanation names it.
constexpr std::string_view kAccesses[] = {"bitmap",     "bitmaps, any of",    "posting list", "posting lists", "ids",
                                          "rank range", "rank range, listed", "text search",  "all but ids",   "hash, verified"};

// How many queries each plan answered.
struct Coverage {
  std::map<FilterPlan, std::uint64_t> filter;
  std::map<OrderPlan, std::uint64_t> order;
  std::map<std::string, std::uint64_t, std::less<>> access;
  std::uint64_t matched = 0;   // Queries that matched something, but not everything.
  std::uint64_t parallel = 0;  // Queries that several threads worked on.

  void Count(const Explain& explain) {
    ++filter[explain.filter_plan];
    ++order[explain.order_plan];
    for (const ExplainFilter& condition : explain.filters) ++access[condition.access];
    parallel += explain.threads > 1;
    matched += explain.rows_matched > 0 && explain.rows_matched < explain.rows_total;
  }

  void Print(std::string_view worlds, std::uint64_t queries) {
    std::cout << queries << " queries on " << worlds << " worlds; " << matched << " matched some clients, " << parallel
              << " ran on several threads; filter plans:";
    for (const FilterPlan plan : kFilterPlans) std::cout << " " << FilterPlanName(plan) << " " << filter[plan];
    std::cout << "; order plans: " << OrderPlanName(OrderPlan::kNone) << " " << order[OrderPlan::kNone];
    for (const OrderPlan plan : kOrderPlans) std::cout << " " << OrderPlanName(plan) << " " << order[plan];
    std::cout << "; conditions:";
    for (const auto& [name, count] : access) std::cout << " " << name << " " << count;
    std::cout << std::endl;
  }

  // A plan that is hardly used any more is hardly tested any more.
  void CheckEachPlanRan(std::uint64_t at_least, const std::set<OrderPlan>& impossible) {
    for (const FilterPlan plan : kFilterPlans) {
      INFO(FilterPlanName(plan));
      CHECK(filter[plan] >= at_least);
    }
    for (const OrderPlan plan : kOrderPlans) {
      if (impossible.contains(plan)) continue;
      INFO(OrderPlanName(plan));
      CHECK(order[plan] >= at_least);
    }
    CHECK(order[OrderPlan::kNone] >= at_least);
    CHECK(parallel >= at_least);
  }
};

AskOptions RandomAsk(Random& random) {
  static constexpr std::uint32_t kBatches[] = {1, 7, 100, 4096, 100'000};
  AskOptions ask;
  ask.stream = random.Chance(150);
  ask.stream_batch = random.Pick(kBatches);
  ask.twin = random.Chance(200);
  static constexpr std::uint32_t kThreads[] = {0, 1, 1, 2};
  ask.threads = random.Pick(kThreads);
  if (random.Chance(600)) ask.force_order = random.Pick(kOrderPlans);
  ask.render = random.Chance(100);
  return ask;
}

// How often each form of container occurs in the segment's value indices, so that no form goes untested.
std::map<ContainerKind, std::uint64_t> ContainerKinds(const Segment& segment) {
  std::map<ContainerKind, std::uint64_t> kinds;
  const auto count = [&](const ValueIndex& values) {
    for (std::uint32_t code = 0; code < values.value_count(); ++code) {
      if (values.IsPostingList(code)) continue;
      for (std::uint32_t chunk = 0; chunk < ChunkCount(values.row_count()); ++chunk) ++kinds[values.Chunk(code, chunk).kind];
    }
  };
  for (const FieldDef& field : Fields()) {
    count(segment.field(field.field).values);
    for (const ValueIndex& states : segment.field(field.field).states) count(states);
  }
  return kinds;
}

// Asks `queries` random requests; returns false after too many differences.
bool AskWorld(const RandomWorld& world, std::uint64_t seed, std::uint64_t queries, Coverage& coverage) {
  Random random(seed ^ 0x5DEECE66D);
  int failures = 0;
  for (std::uint64_t i = 0; i < queries && failures < kFailuresShown; ++i) {
    const auto parsed = ParseQuery(RandomRequest(*world.oracle, random));
    const AskOptions ask = RandomAsk(random);
    INFO("CLIENTELE_PROPERTY_SEED=" << seed << ", query " << i << ", " << world.oracle->clients().size() << " clients");
    if (const auto* errors = std::get_if<ParameterErrors>(&parsed)) {
      FAIL_CHECK("the request was refused: " << errors->begin()->first << ": " << errors->begin()->second.front());
      ++failures;
      continue;
    }
    const Query& query = std::get<Query>(parsed);
    Explain explain;
    const std::string difference = Difference(*world.oracle, world.snapshot, query, ask, explain);
    coverage.Count(explain);
    if (difference.empty()) continue;
    FAIL_CHECK(difference << "\nmade smaller: " << SmallestDifference(*world.oracle, world.snapshot, query, ask));
    ++failures;
  }
  return failures < kFailuresShown;
}

}  // namespace

TEST_CASE("every plan answers like the oracle on small worlds", "[property]") {
  constexpr std::uint64_t kQueriesPerWorld = 400;
  Coverage coverage;
  std::uint64_t asked = 0;
  for (std::uint64_t seed = FirstSeed(); asked < QueriesToRun(); ++seed, asked += kQueriesPerWorld) {
    if (!AskWorld(SmallWorld(seed), seed, kQueriesPerWorld, coverage)) break;
  }
  coverage.Print("small", asked);
  if (asked < 50'000) return;
  coverage.CheckEachPlanRan(200, {OrderPlan::kBitPlanes});  // Small segments have no bit planes.
  for (const std::string_view name : kAccesses) {
    INFO(name);
    CHECK(coverage.access[std::string(name)] >= 200);
  }
}

TEST_CASE("threads that ask the same segment at once all get the oracle's answers", "[property]") {
  constexpr int kThreads = 4;
  constexpr int kQueriesPerThread = 300;
  const RandomWorld world = SmallWorld(FirstSeed() + 6);
  REQUIRE(world.oracle->clients().size() > 100);
  std::array<std::string, kThreads> differences;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&world, &difference = differences[thread], thread] {
      Random random(FirstSeed() * kThreads + thread);
      for (int i = 0; i < kQueriesPerThread && difference.empty(); ++i) {
        const Query query = std::get<Query>(ParseQuery(RandomRequest(*world.oracle, random)));
        Explain explain;
        difference = Difference(*world.oracle, world.snapshot, query, RandomAsk(random), explain);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::string& difference : differences) CHECK(difference == "");
}

TEST_CASE("a query whose time is over is an error, never a shorter answer", "[property]") {
  const RandomWorld world = SmallWorld(FirstSeed() + 6);
  Random random(FirstSeed());
  for (int i = 0; i < 500; ++i) {
    const Query query = std::get<Query>(ParseQuery(RandomRequest(*world.oracle, random)));
    INFO(DebugString(query));
    const ExecuteOptions late{.deadline = std::chrono::steady_clock::now() - std::chrono::seconds(1)};
    const auto page = ExecutePage(world.snapshot, query, late);
    if (query.limit == 0 && page.ok()) {  // A count that is stored needs no time.
      CHECK(page->count == world.oracle->Ask(query).count);
    } else {
      CHECK(page.status().code() == absl::StatusCode::kDeadlineExceeded);
    }
  }
}

TEST_CASE("every plan answers like the oracle on worlds of several chunks", "[property][large]") {
  constexpr std::uint64_t kQueriesPerWorld = 170;  // The oracle takes some 20 ms for each.
  Coverage coverage;
  std::map<ContainerKind, std::uint64_t> kinds;
  std::uint64_t asked = 0;
  for (std::uint64_t seed = FirstSeed(); asked * 150 < QueriesToRun(); ++seed, asked += kQueriesPerWorld) {
    const RandomWorld world = LargeWorld(seed);
    for (const auto& [kind, count] : ContainerKinds(*OnlySegment(world.snapshot))) kinds[kind] += count;
    if (!AskWorld(world, seed, kQueriesPerWorld, coverage)) break;
  }
  coverage.Print("large", asked);
  if (asked < 2 * kQueriesPerWorld) return;
  coverage.CheckEachPlanRan(1, {});
  CHECK(coverage.order[OrderPlan::kBitPlanes] >= 15);
  CHECK(kinds[ContainerKind::kEmpty] >= 10);
  CHECK(kinds[ContainerKind::kFull] >= 1);
  CHECK(kinds[ContainerKind::kRuns] >= 50);
  CHECK(kinds[ContainerKind::kArray] >= 50);
  CHECK(kinds[ContainerKind::kBitmap] >= 50);
}

}  // namespace clientele
