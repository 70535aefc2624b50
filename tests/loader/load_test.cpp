#include "loader/load.h"

#include <algorithm>

#include <catch2/catch.hpp>

#include "index/segment.h"
#include "loader/csv_columns.h"
#include "loader/generator.h"
#include "loader/generator_writer.h"
#include "tests/loader/parsed_record.h"
#include "tests/loader/temporary_files.h"

namespace clientele {
namespace {

std::string Record(std::int64_t id, std::string_view members = "") {
  return Replaced(SmallRecord(members), "\"id\":7", "\"id\":" + std::to_string(id));
}

std::vector<std::int64_t> Ids(const Segment& segment) {
  std::vector<std::int64_t> ids;
  for (std::uint32_t row = 0; row < segment.row_count(); ++row) ids.push_back(segment.ClientId(row));
  std::ranges::sort(ids);
  return ids;
}

std::string Json(const Segment& segment, std::int64_t id) {
  std::string json;
  const auto row = segment.RowOf(id);
  if (row) RenderRecord(segment.dictionaries(), segment.records().Record(*row), ~std::uint64_t{0}, json);
  return json;
}

std::vector<std::string> Texts(const std::vector<Reject>& rejects) {
  std::vector<std::string> texts;
  for (const Reject& reject : rejects) texts.push_back(reject.ToString());
  return texts;
}

TEST_CASE("files are loaded into one segment that gives the records back", "[loader][load]") {
  const TemporaryFolder folder;
  const std::string lines = folder.Write("a.ndjson", Record(5) + "\n" + Record(2, R"("x":[1, 2])") + "\n");
  const std::string array = folder.Write("b.json.gz", Gzip("[" + Record(9) + "]"));
  const auto report = LoadFiles({lines, array}, {});
  REQUIRE(report.ok());
  CHECK(report->records == 3);
  CHECK(report->rejected == 0);
  CHECK(Ids(*report->segment) == std::vector<std::int64_t>{2, 5, 9});
  CHECK(Json(*report->segment, 2).find(R"("x":[1, 2]})") != std::string::npos);
}

TEST_CASE("an empty load makes an empty segment", "[loader][load]") {
  const TemporaryFolder folder;
  const auto report = LoadFiles({folder.Write("empty", "")}, {});
  REQUIRE(report.ok());
  CHECK(report->segment->row_count() == 0);
}

TEST_CASE("of several records with one id the first in input order stays", "[loader][load]") {
  const TemporaryFolder folder;
  const std::string first = folder.Write(
      "first.ndjson", Record(1) + "\n\nbad\n" + Record(2, R"("name":"kept")") + "\n" + Record(1, R"("name":"x")") + "\n");
  const std::string second = folder.Write("second.json", "[" + Record(3) + "," + Record(2, R"("name":"left out")") + "]");
  const std::string rejects_path = folder.Path("rejects.ndjson");
  const auto report =
      LoadFiles({first, second}, {.rejects_path = rejects_path, .strict = false, .threads = 0, .on_progress = {}});
  REQUIRE(report.ok());
  CHECK(report->records == 3);
  CHECK(report->rejected == 3);
  CHECK(Ids(*report->segment) == std::vector<std::int64_t>{1, 2, 3});
  CHECK(Json(*report->segment, 2).find("\"name\":\"kept\"") != std::string::npos);
  CHECK(Texts(report->first_rejects) ==
        std::vector<std::string>{first + ":3: expected a JSON object, got bad",
                                 first + ":5: /id: expected an id that no earlier record has, got 1",
                                 second + " (element 2): /id: expected an id that no earlier record has, got 2"});
  const std::string rejects = ReadWholeFile(rejects_path);
  CHECK(std::ranges::count(rejects, '\n') == 3);
  CHECK(rejects.find("left out") != std::string::npos);
}

TEST_CASE("duplicates are told by line however many threads and blocks there are", "[loader][load]") {
  const TemporaryFolder folder;
  std::string text;
  std::vector<std::string> expected;
  const std::string padding(2'000, 'p');
  const std::string path = folder.Path("a.ndjson");
  for (std::int64_t line = 1; line <= 8'000; ++line) {
    const bool repeats = line % 997 == 0;
    text += Record(repeats ? line - 900 : line, "\"name\":\"" + padding + "\"") + "\n";
    if (repeats)
      expected.push_back(path + ":" + std::to_string(line) + ": /id: expected an id that no earlier record has, got " +
                         std::to_string(line - 900));
  }
  folder.Write("a.ndjson", text);
  const auto report = LoadFiles({path}, {.rejects_path = "", .strict = false, .threads = 3, .on_progress = {}});
  REQUIRE(report.ok());
  CHECK(Texts(report->first_rejects) == expected);
  CHECK(report->records == 8'000 - expected.size());
}

TEST_CASE("strict loads fail with the first reject", "[loader][load]") {
  const TemporaryFolder folder;
  const LoadOptions strict{.rejects_path = "", .strict = true, .threads = 0, .on_progress = {}};
  const std::string bad = folder.Write("bad", Record(1) + "\n{\"id\":0}\n[]\n");
  const auto by_value = LoadFiles({bad}, strict);
  CHECK(by_value.status().code() == absl::StatusCode::kInvalidArgument);
  CHECK(by_value.status().message() == bad + ":2: /id: expected an integer from 1 to 9223372036854775807, got 0");
  const std::string twice = folder.Write("twice", Record(1) + "\n" + Record(1) + "\n");
  CHECK(LoadFiles({twice}, strict).status().message() == twice + ":2: /id: expected an id that no earlier record has, got 1");
  CHECK(LoadFiles({folder.Write("good", Record(1))}, strict).ok());
}

TEST_CASE("loads fail when an input or the rejects file cannot be used", "[loader][load]") {
  const TemporaryFolder folder;
  const std::string good = folder.Write("good", Record(1));
  const auto with_rejects = [](const std::string& path) {
    return LoadOptions{.rejects_path = path, .strict = false, .threads = 0, .on_progress = {}};
  };
  CHECK(LoadFiles({folder.Path("missing")}, {}).status().code() == absl::StatusCode::kNotFound);
  CHECK(LoadFiles({folder.Write("broken", Gzip(Record(1)).substr(0, 30))}, {}).status().code() == absl::StatusCode::kDataLoss);
  CHECK(LoadFiles({good}, with_rejects(folder.Path("no/such/folder"))).status().code() == absl::StatusCode::kNotFound);
  CHECK(LoadFiles({good}, with_rejects(good)).status().code() == absl::StatusCode::kInvalidArgument);
  CHECK(ReadWholeFile(good) == Record(1));
}

TEST_CASE("a load without rejects empties the rejects file of an earlier one", "[loader][load]") {
  const TemporaryFolder folder;
  const std::string rejects = folder.Write("rejects", "old\n");
  REQUIRE(
      LoadFiles({folder.Write("good", Record(1))}, {.rejects_path = rejects, .strict = false, .threads = 0, .on_progress = {}})
          .ok());
  CHECK(ReadWholeFile(rejects).empty());
}

TEST_CASE("a dry run finds what a load finds, and builds nothing", "[loader][load]") {
  const TemporaryFolder folder;
  const std::string first = folder.Write("first.ndjson", Record(1) + "\nbad\n" + Record(2) + "\n" + Record(1) + "\n");
  const std::string second = folder.Write("second.json", "[" + Record(3) + "," + Record(2) + "]");
  LoadOptions options{.on_progress = {}};
  const auto loaded = LoadFiles({first, second}, options);
  options.dry_run = true;
  const auto tried = LoadFiles({first, second}, options);
  REQUIRE(loaded.ok());
  REQUIRE(tried.ok());
  CHECK(tried->segment == nullptr);
  CHECK(tried->records == 3);
  CHECK(tried->rejected == 3);
  CHECK(tried->first_rejects == loaded->first_rejects);
  CHECK(tried->causes == loaded->causes);
}

TEST_CASE("a load stops when more records are refused than allowed, duplicates included", "[loader][load]") {
  const TemporaryFolder folder;
  const std::string bad = folder.Write("bad", Record(1) + "\nx\ny\n" + Record(1) + "\n");
  const auto load = [&](std::uint64_t rejects_max, bool dry_run) {
    LoadOptions options{.rejects_max = rejects_max, .dry_run = dry_run, .on_progress = {}};
    std::uint64_t told = 0;
    options.on_rejects = [&told](const LoadReport& report) { told = report.rejected; };
    const absl::Status status = LoadFiles({bad}, options).status();
    CHECK(told > 0);
    return std::string(status.message());
  };
  for (const bool dry_run : {false, true}) {
    CHECK(load(3, dry_run).empty());
    CHECK(load(2, dry_run) == "more than 2 records were refused: stopped, nothing was loaded");
    CHECK(load(1, dry_run) == "more than 1 record was refused: stopped, nothing was loaded");
  }
}

TEST_CASE("a load tells the causes of its rejects, also when it fails", "[loader][load]") {
  const TemporaryFolder folder;
  const std::string bad = folder.Write(
      "bad", Record(1) + "\n" + Record(2, R"("seller":"x")") + "\n" + Record(3, R"("seller":"y")") + "\n" + Record(1) + "\n");
  LoadOptions options{.on_progress = {}};
  std::vector<RejectCause> causes;
  options.on_rejects = [&](const LoadReport& report) { causes = report.causes; };
  REQUIRE(LoadFiles({bad}, options).ok());
  CHECK(causes ==
        std::vector<RejectCause>{{"/seller", "a 64-bit integer, or null", 2}, {"/id", "an id that no earlier record has", 1}});
  const std::string broken = folder.Write("broken", Gzip(Record(4)).substr(0, 30));
  causes.clear();
  CHECK(!LoadFiles({bad, broken}, options).ok());
  CHECK(causes.size() == 1);
}

TEST_CASE("tables and JSON of the same records answer alike", "[loader][load][csv]") {
  const TemporaryFolder folder;
  const std::string lines = folder.Path("a.ndjson"), table = folder.Path("a.csv");
  REQUIRE(GenerateTo({.clients = 3'000, .seed = 4, .path = lines}).ok());
  REQUIRE(GenerateTo({.clients = 3'000, .seed = 4, .path = table, .csv = true}).ok());
  const auto from_lines = LoadFiles({lines}, {}), from_table = LoadFiles({table}, {});
  REQUIRE(from_lines.ok());
  REQUIRE(from_table.ok());
  REQUIRE(from_table->rejected == 0);
  std::uint64_t flat = 0;
  for (const Field field : FlatFields()) flat |= std::uint64_t{1} << static_cast<unsigned>(field);
  const auto rendered = [&](const Segment& segment, std::int64_t id) {
    std::string json;
    RenderRecord(segment.dictionaries(), segment.records().Record(*segment.RowOf(id)), flat, json);
    return json;
  };
  const std::vector<std::int64_t> ids = Ids(*from_lines->segment);
  REQUIRE(ids == Ids(*from_table->segment));
  for (const std::int64_t id : ids) REQUIRE(rendered(*from_table->segment, id) == rendered(*from_lines->segment, id));
}

TEST_CASE("a load reports reading first and then the seal's phases up to the end", "[loader][load]") {
  const TemporaryFolder folder;
  std::string text;
  const Generator generator(3, 2'000);
  for (std::uint64_t i = 0; i < 2'000; ++i) generator.AppendClient(i, text);
  std::vector<std::string> phases;
  double fraction = 0;
  std::uint64_t records = 0;
  const auto on_progress = [&](const LoadProgress& now) {
    if (phases.empty() || phases.back() != now.phase) phases.emplace_back(now.phase);
    fraction = now.phase_fraction;
    records = now.records;
  };
  const auto report =
      LoadFiles({folder.Write("a", text)}, {.rejects_path = "", .strict = false, .threads = 0, .on_progress = on_progress});
  REQUIRE(report.ok());
  CHECK(report->records == 2'000);
  REQUIRE(phases.size() >= 2);
  CHECK(phases[0] == kParsePhase);
  CHECK(phases.back() == kWritePhase);
  CHECK(fraction == 1);
  CHECK(records == 2'000);
}

}  // namespace
}  // namespace clientele
