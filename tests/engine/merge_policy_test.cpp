#include "engine/merge_policy.h"

#include <vector>

#include <catch2/catch.hpp>

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

}  // namespace clientele
