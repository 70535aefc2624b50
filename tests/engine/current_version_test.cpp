// That readers do not wait, and see versions in their order, is in client_set_concurrency_test.cpp.
#include "engine/current_version.h"

#include <absl/strings/str_cat.h>
#include <catch2/catch.hpp>

#include "engine/query_parser.h"
#include "index/live_row_copy.h"
#include "loader/json_record_reader.h"

namespace clientele {
namespace {

struct Rows {
  std::shared_ptr<RecordDictionaries> dictionaries = NewRecordDictionaries();
  LiveRowMaker maker{dictionaries};
  std::unique_ptr<RecordReader> reader = NewJsonRecordReader();

  LiveRowPtr Make(std::int64_t id, std::string_view company) {
    const std::string json = absl::StrCat(
        "{\"id\":", id, R"(,"email":"A@b.example","status":"active","secondary_hostnames":["a.example","b.example"],)",
        R"("companyName":")", absl::string_view(company.data(), company.size()),
        R"(","created_at":"2024-01-01T00:00:00Z","unknown":[1]})");
    ClientRecord record;
    RecordProblem problem;
    REQUIRE(reader->Read(json, record, problem));
    return maker.Make(record);
  }
};

std::string JsonOf(const LiveRow& row) {
  std::string json;
  RenderLiveRow(row, kAllFields, json);
  return json;
}

}  // namespace

TEST_CASE("a copy of a live row needs nothing of the row", "[live][current_version]") {
  Rows rows;
  LiveRowPtr row = rows.Make(7, "Copied");
  const std::string json = JsonOf(*row);
  const std::string company(row->Text(LiveText::kCompanyName)), hostnames(row->Text(LiveText::kHostnames));
  const LiveRowPtr copy = CopyOf(*row);
  row.reset();
  CHECK(JsonOf(*copy) == json);
  CHECK(copy->id == 7);
  CHECK(copy->Text(LiveText::kCompanyName) == company);
  CHECK(copy->Text(LiveText::kHostnames) == hostnames);
  CHECK_FALSE(copy->Has(LiveText::kPromocode));
  ClientRecord record;
  copy->Unpack(record);
  CHECK(record.hostnames.size() == 2);
}

TEST_CASE("each published version is seen whole, on whichever side readers are", "[live][current_version]") {
  Rows rows;
  const auto table = [&] { return std::make_shared<LiveTable>(100, rows.dictionaries); };
  CurrentVersion version(std::make_shared<const SealedVersion>(), table(), table());
  const Query everything;
  for (std::int64_t step = 1; step <= 10; ++step) {
    std::vector<ClientChange> changes;
    changes.push_back({.id = step, .row = rows.Make(step, "new")});
    changes.push_back({.id = 100, .row = rows.Make(100, absl::StrCat("step ", step))});
    if (step > 1) changes.push_back({.id = step - 1, .row = nullptr});
    version.Publish(std::make_shared<const SealedVersion>(), changes);
    CHECK(version.epoch() == static_cast<std::uint64_t>(1 + step));
    CHECK(version.live_rows() == 2);
    CHECK(version.Take(everything).live->clients == 2);
    CHECK(version.Look(step).row != nullptr);
    CHECK(version.Look(step - 1).row == nullptr);
    CHECK(JsonOf(*version.Look(100).row).find(absl::StrCat("step ", step)) != std::string::npos);
  }
  version.PublishTables(std::make_shared<const SealedVersion>(), table(), table());
  CHECK(version.live_rows() == 0);
  CHECK(version.Look(100).row == nullptr);
}

TEST_CASE("what is published in two steps is current after the first", "[live][current_version]") {
  Rows rows;
  const auto table = [&] { return std::make_shared<LiveTable>(100, rows.dictionaries); };
  CurrentVersion version(std::make_shared<const SealedVersion>(), table(), table());
  for (std::int64_t step = 1; step <= 10; ++step) {
    std::vector<ClientChange> changes;
    changes.push_back({.id = 100, .row = rows.Make(100, absl::StrCat("step ", step))});
    if (step > 1) changes.push_back({.id = step - 1, .row = nullptr});
    changes.push_back({.id = step, .row = rows.Make(step, "new")});
    const auto sealed = std::make_shared<const SealedVersion>();
    version.PublishFirst(sealed, changes);
    for (int finished = 0; finished < 3; ++finished) {
      CHECK(version.epoch() == static_cast<std::uint64_t>(1 + step));
      CHECK(version.live_rows() == 2);
      CHECK(version.sealed() == sealed);
      CHECK(version.Look(step - 1).row == nullptr);
      CHECK(JsonOf(*version.Look(100).row).find(absl::StrCat("step ", step)) != std::string::npos);
      version.Finish();  // More than once does nothing more.
    }
  }
}

TEST_CASE("nothing of an earlier version is kept once another is current", "[live][current_version]") {
  Rows rows;
  const auto table = [&] { return std::make_shared<LiveTable>(100, rows.dictionaries); };
  auto sealed = std::make_shared<const SealedVersion>();
  auto live = table();
  const std::weak_ptr<const SealedVersion> first_version = sealed;
  const std::weak_ptr<LiveTable> first_table = live;
  CurrentVersion version(std::move(sealed), std::move(live), table());
  version.Publish(std::make_shared<const SealedVersion>(), {});
  CHECK(first_version.expired());
  version.PublishTables(std::make_shared<const SealedVersion>(), table(), table());
  CHECK(first_table.expired());
}

}  // namespace clientele
