#include "loader/reject_causes.h"

#include <catch2/catch.hpp>

namespace clientele {
namespace {

TEST_CASE("causes are counted without indices, most frequent first", "[loader][reject_causes]") {
  RejectCauses causes;
  causes.Add("/users/0/email", "a string");
  causes.Add("/users/12/email", "a string");
  causes.Add("/users/0/email", "valid UTF-8");
  causes.Add("", "a JSON object");
  causes.Add("/x1/2y", "a string");
  CHECK(causes.Sorted() == std::vector<RejectCause>{{"/users/*/email", "a string", 2},
                                                    {"", "a JSON object", 1},
                                                    {"/users/*/email", "valid UTF-8", 1},
                                                    {"/x1/2y", "a string", 1}});
  CHECK(causes.other_count() == 0);
}

TEST_CASE("ever new causes take no memory without end and hide no frequent one", "[loader][reject_causes]") {
  RejectCauses all;
  for (int block = 0; block < 20; ++block) {
    RejectCauses causes;
    for (int i = 0; i < 2'000; ++i) {
      causes.Add("/member" + std::to_string(block * 2'000 + i), std::string(10'000, 'x'));
      if (i % 2 == 0) causes.Add("/status", "one of new, ...");
    }
    all.Merge(causes);
  }
  const std::vector<RejectCause> sorted = all.Sorted();
  CHECK(sorted.size() <= 2 * RejectCauses::kCausesMax);
  CHECK(sorted.front() == RejectCause{"/status", "one of new, ...", 20'000});
  std::uint64_t count = all.other_count();
  for (const RejectCause& cause : sorted) {
    count += cause.count;
    REQUIRE(cause.expected.size() < 1'000);
  }
  CHECK(count == 60'000);
}

}  // namespace
}  // namespace clientele
