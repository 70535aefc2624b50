// A segment that was saved and opened again answers as the one that was sealed, however it was opened.
#include <algorithm>
#include <variant>

#include <catch2/catch.hpp>

#include "engine/execute.h"
#include "engine/query_parser.h"
#include "index/snapshot_reader.h"
#include "tests/engine/answer_check.h"
#include "tests/engine/random_queries.h"
#include "tests/engine/random_world.h"
#include "tests/index/snapshot_bytes.h"

namespace clientele {
namespace {

Snapshot Reopened(const Snapshot& fresh, Verify verify) {
  const auto opened = OpenSegment(MappedBytes(SnapshotBytes(*OnlySegment(fresh))), {.verify = verify, .huge_from_bytes = 1});
  REQUIRE(opened.status().message() == "");
  CHECK(opened->segment->is_checked() == (verify == Verify::kFull));
  return SnapshotOf(opened->segment, 2);
}

// The count, all rows of the page, the first of them as JSON, and the start of the stream as JSON.
std::string AnswerOf(const Snapshot& snapshot, const Query& query) {
  const absl::StatusOr<Page> page = ExecutePage(snapshot, query, {.threads = 1});
  if (!page.ok()) return page.status().ToString();
  std::string answer = std::to_string(page->count) + ": ";
  answer.append(reinterpret_cast<const char*>(page->rows.data()), page->rows.size() * sizeof(std::uint32_t));
  RenderRows(snapshot, std::span(page->rows).first(std::min<std::size_t>(page->rows.size(), 50)), query.fields, "\n", answer);
  const auto stream = RowStream::Open(snapshot, query);
  if (!stream.ok()) return stream.status().ToString();
  std::vector<std::uint32_t> rows(30);
  RenderRows(snapshot, std::span(rows).first((*stream)->Next(rows)), query.fields, "\n", answer);
  return answer + (*stream)->status().ToString();
}

}  // namespace

TEST_CASE("a reopened segment answers like the oracle", "[snapshot]") {
  const auto verify = GENERATE(Verify::kFull, Verify::kLazy);
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    const RandomWorld world = SmallWorld(seed);
    const Snapshot reopened = Reopened(world.snapshot, verify);
    Random random(seed);
    for (int i = 0; i < 100; ++i) {
      const Query query = std::get<Query>(ParseQuery(RandomRequest(*world.oracle, random)));
      Explain explain;
      CHECK(Difference(*world.oracle, reopened, query, {.stream = i % 4 == 0, .render = i % 8 == 0}, explain) == "");
    }
  }
}

TEST_CASE("a reopened segment of several chunks answers byte for byte like the fresh one", "[snapshot][property][large]") {
  const RandomWorld world = LargeWorld(3);
  const Snapshot full = Reopened(world.snapshot, Verify::kFull), lazy = Reopened(world.snapshot, Verify::kLazy);
  Random random(3);
  for (int i = 0; i < 250; ++i) {
    const Query query = std::get<Query>(ParseQuery(RandomRequest(*world.oracle, random)));
    INFO(DebugString(query));
    const std::string expected = AnswerOf(world.snapshot, query);
    CHECK(AnswerOf(full, query) == expected);
    CHECK(AnswerOf(lazy, query) == expected);
  }
}

TEST_CASE("a reopened segment saves to the same file, but for the time", "[snapshot]") {
  const RandomWorld world = SmallWorld(5);
  const std::string once = SnapshotBytes(*OnlySegment(world.snapshot));
  const std::string twice = SnapshotBytes(*OnlySegment(Reopened(world.snapshot, Verify::kFull)));
  CHECK(once.size() == twice.size());
  CHECK(once.substr(kHeaderBytes) == twice.substr(kHeaderBytes));
}

TEST_CASE("a query of a lazily opened segment fails on damage that it needs, and only on that", "[snapshot]") {
  const RandomWorld world = SmallWorld(6);
  std::string bytes = SnapshotBytes(*OnlySegment(world.snapshot));
  for (const SectionPlace& section : SectionsOf(bytes)) {
    if (section.name == "email.order.row_at" || section.name == "country_code.values.values") bytes[section.begin] ^= 1;
  }
  const auto opened = OpenSegment(MappedBytes(bytes), {.verify = Verify::kLazy, .on_damage = {}});
  REQUIRE(opened.ok());
  const Snapshot damaged = SnapshotOf(opened->segment);
  const auto code = [&](const std::vector<Parameter>& parameters) {
    const Query query = std::get<Query>(ParseQuery(parameters));
    const absl::StatusCode page = ExecutePage(damaged, query).status().code();
    CHECK(RowStream::Open(damaged, query).status().code() == page);
    if (page == absl::StatusCode::kOk) CHECK(AnswerOf(damaged, query) == AnswerOf(world.snapshot, query));
    return page;
  };
  for (int repeat = 0; repeat < 2; ++repeat) {
    CHECK(code({{"ordering", "email"}, {"limit", "5"}}) == absl::StatusCode::kDataLoss);
    CHECK(code({{"email", "a"}, {"limit", "5"}}) == absl::StatusCode::kDataLoss);
    CHECK(code({{"country_code", "US"}, {"limit", "0"}}) == absl::StatusCode::kDataLoss);
    CHECK(code({{"ordering", "-companyName"}, {"limit", "5"}}) == absl::StatusCode::kOk);
    CHECK(code({{"status", "active"}, {"limit", "0"}}) == absl::StatusCode::kOk);
    CHECK(code({{"limit", "100"}}) == absl::StatusCode::kOk);
  }
}

}  // namespace clientele
