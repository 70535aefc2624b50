#include "engine/merge_policy.h"

#include <algorithm>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/engine/random.h"

namespace clientele {
namespace {

constexpr MergePolicyOptions kOptions{.file_rows = 1'000, .memory_segments_max = 4, .tier_width = 4, .dead_share_max = 0.4};

std::vector<std::size_t> Chosen(const std::vector<MergeCandidate>& candidates, bool flush_now = false) {
  return ChooseMerge(candidates, kOptions, 0, 1'000'000, flush_now).inputs;
}

MergeCandidate InMemory(std::uint64_t rows) {
  return {.rows = rows};
}
MergeCandidate File(std::uint64_t rows, std::uint64_t dead = 0) {
  return {.rows = rows, .dead = dead, .is_file = true};
}

}  // namespace

TEST_CASE("a segment in memory that is larger than all smaller ones together is not copied with them", "[live][merge_policy]") {
  CHECK(Chosen({InMemory(400), InMemory(100), InMemory(90), InMemory(80)}) == std::vector<std::size_t>{3, 2, 1});
  CHECK(Chosen({InMemory(200), InMemory(100), InMemory(90), InMemory(80)}) == std::vector<std::size_t>{3, 2, 1, 0});
}

TEST_CASE("half of the segments in memory are merged at least, whatever their sizes", "[live][merge_policy]") {
  CHECK(Chosen({InMemory(500), InMemory(200), InMemory(50), InMemory(10)}) == std::vector<std::size_t>{3, 2});
}

TEST_CASE("few segments in memory are left alone until they have the rows of a file", "[live][merge_policy]") {
  CHECK(Chosen({InMemory(400), InMemory(100), InMemory(90)}).empty());
  CHECK(Chosen({InMemory(400), InMemory(600)}) == std::vector<std::size_t>{0, 1});
  CHECK(Chosen({InMemory(400)}, true) == std::vector<std::size_t>{0});
}

TEST_CASE("what becomes a file is everything in memory that is not being merged", "[live][merge_policy]") {
  MergeCandidate busy = InMemory(500);
  busy.is_busy = true;
  CHECK(Chosen({InMemory(900), busy, InMemory(100), InMemory(10)}) == std::vector<std::size_t>{0, 2, 3});
}

TEST_CASE("a file is written anew when more than the given share of its rows is dead", "[live][merge_policy]") {
  CHECK(Chosen({File(1'000, 400)}).empty());
  CHECK(Chosen({File(1'000, 401)}) == std::vector<std::size_t>{0});
}

TEST_CASE("two segments in memory are merged when two are too many, however different they are", "[live][merge_policy]") {
  MergePolicyOptions options = kOptions;
  options.memory_segments_max = 2;
  CHECK(ChooseMerge(std::vector{InMemory(500), InMemory(3)}, options, 0, 1'000'000).inputs == std::vector<std::size_t>{1, 0});
}

// Each merge must leave fewer segments, fewer dead rows or fewer segments in memory, or the threads would merge for ever.
TEST_CASE("merges of a set that nobody writes to come to an end", "[live][merge_policy]") {
  for (std::uint64_t seed = 1; seed <= 2'000; ++seed) {
    Random random(seed);
    const MergePolicyOptions options{.file_rows = random.Between(1, 2'000),
                                     .memory_segments_max = static_cast<std::uint32_t>(random.Between(2, 6)),
                                     .tier_width = static_cast<std::uint32_t>(random.Between(2, 5)),
                                     .dead_share_max = static_cast<double>(random.Below(11)) / 10};
    std::vector<MergeCandidate> segments(random.Between(0, 40));
    for (MergeCandidate& one : segments) {
      one.rows = random.Between(1, random.Chance(500) ? 20 : 5'000);
      one.dead = random.Chance(300) ? random.Below(one.rows + 1) : 0;
      one.is_file = random.Chance(400);
    }
    const std::size_t merges_max = 2 * segments.size();
    std::size_t merges = 0;
    for (; merges <= merges_max; ++merges) {
      const MergeChoice choice = ChooseMerge(segments, options, 0, 1'000'000);
      if (choice.inputs.empty()) break;
      MergeCandidate merged{.rows = choice.living_rows, .is_file = choice.flush};
      std::vector<MergeCandidate> left;
      for (std::size_t i = 0; i < segments.size(); ++i) {
        if (std::ranges::count(choice.inputs, i) == 0)
          left.push_back(segments[i]);
        else
          merged.is_file |= segments[i].is_file;
      }
      if (merged.rows > 0) left.push_back(merged);
      segments = std::move(left);
    }
    INFO("seed " << seed);
    REQUIRE(merges <= merges_max);
  }
}

}  // namespace clientele
