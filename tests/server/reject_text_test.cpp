#include "server/reject_text.h"

#include <catch2/catch.hpp>

namespace clientele {
namespace {

Reject SomeReject() {
  return {.file = "clients.csv",
          .line = 12,
          .column = 3,
          .pointer = "created_at",
          .value = "\"yesterday\"",
          .expected = "a date",
          .source = {.text = "7,ä,yesterday,x", .mark_offset = 5, .mark_length = 9}};
}

TEST_CASE("a reject shows the text with a mark below what is wrong", "[server][reject_text]") {
  CHECK(RejectText(SomeReject()) ==
        "clients.csv:12:3: created_at: expected a date, got \"yesterday\"\n"
        "    7,ä,yesterday,x\n"
        "        ^~~~~~~~~\n");
}

TEST_CASE("a mark stands below wide characters and is never without width", "[server][reject_text]") {
  Reject reject = SomeReject();
  reject.source = {.text = "日本,x", .mark_offset = 7, .mark_length = 0};
  CHECK(SourceText(reject) == "    日本,x\n         ^\n");
  reject.source = {};
  CHECK(SourceText(reject).empty());
}

TEST_CASE("nothing of a record can act on the terminal", "[server][reject_text]") {
  Reject reject = SomeReject();
  reject.value = "\x1B[2J";
  CHECK(RejectText(reject).find('\x1B') == std::string::npos);
}

TEST_CASE("causes are a table, the rest of them one row", "[server][reject_text]") {
  LoadReport report;
  report.causes = {{"/status", "one of new", 1'200}, {"", "a JSON object", 3}, {"/x", "y", 2}};
  report.other_causes = 1;
  CHECK(CauseTable(report, 2) ==
        "count  place     expected\n"
        "1,200  /status   one of new\n"
        "    3  (record)  a JSON object\n"
        "    3            other causes\n");
  CHECK(CauseTable({}, 2).empty());
}

}  // namespace
}  // namespace clientele
