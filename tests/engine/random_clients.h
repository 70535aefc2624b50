// Random client records as lines of JSON, made to tie, to be empty, to be missing and to be odd, all of them valid.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/engine/random.h"

namespace clientele {

// What the clients of one world have in common; drawn once per world, so that worlds differ in kind and not only in detail.
inline constexpr std::size_t kSkewCount = 20;

struct WorldShape {
  std::uint32_t client_count = 0;
  bool lean = false;                 // Short records with few users and features, for worlds of hundreds of thousands.
  std::vector<std::string> texts;    // Texts are drawn from here; empty: each one is new.
  std::vector<std::int64_t> times;   // Creation times are drawn from here.
  std::uint64_t null_per_mille = 0;  // Of every nullable value.
  // Each field uses one of these. 1: all values alike; greater: one value prevails, the more the greater. And which one it is.
  struct Skew {
    double power = 1;
    std::uint64_t favourite = 0;
  };
  std::array<Skew, kSkewCount> skews;
  std::uint64_t other_case_per_mille = 0;  // Texts whose case is changed before use.
  bool shuffled_members = false;           // Members of a record in any order.
};

WorldShape RandomShape(Random& random, std::uint32_t client_count_max);

// Many rows, few distinct values: several chunks of rows, with full, empty, sparse and dense values in them.
WorldShape LargeShape(Random& random, std::uint32_t client_count);

// `count` distinct positive ids: dense or scattered, in any order, with the greatest id now and then.
std::vector<std::int64_t> RandomIds(std::uint32_t count, Random& random);

// One record, without a line end.
std::string RandomClientJson(const WorldShape& shape, std::int64_t id, Random& random);

}  // namespace clientele
