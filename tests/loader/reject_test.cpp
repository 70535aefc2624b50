#include "loader/reject.h"

#include <filesystem>

#include <catch2/catch.hpp>

#include "loader/reject_log.h"
#include "tests/loader/parsed_record.h"
#include "tests/loader/temporary_files.h"

namespace clientele {
namespace {

TEST_CASE("a reject tells its place as lines, elements and cells have it", "[loader][reject]") {
  Reject reject{.file = "a", .line = 17, .pointer = "/status", .value = "\"x\"", .expected = "a y"};
  CHECK(reject.ToString() == "a:17: /status: expected a y, got \"x\"");
  reject.element = 5;
  CHECK(reject.ToString() == "a:17 (element 5): /status: expected a y, got \"x\"");
  std::string line;
  AppendRejectLine(reject, "{}", line);
  CHECK(line ==
        "{\"file\":\"a\",\"line\":17,\"element\":5,\"pointer\":\"/status\",\"value\":\"\\\"x\\\"\",\"expected\":\"a "
        "y\",\"record\":\"{}\"}\n");
  reject = {.file = "a", .line = 17, .column = 3, .pointer = "", .value = "", .expected = "a y"};
  CHECK(reject.ToString() == "a:17:3: expected a y, got nothing");
}

std::string Marked(std::string_view record, std::size_t offset, std::size_t length) {
  RecordError error;
  error.offset = offset;
  error.length = length;
  const SourceExcerpt excerpt = ExcerptOf(record, error);
  std::string text = excerpt.text;
  text.insert(excerpt.mark_offset + excerpt.mark_length, "<");
  return text.insert(excerpt.mark_offset, ">");
}

TEST_CASE("an excerpt shows what is wrong with what stands around it", "[loader][reject]") {
  CHECK(Marked("abcdef", 2, 3) == "ab>cde<f");
  CHECK(Marked("abcdef", 6, 1) == "abcdef><");
  CHECK(Marked("a\tb\nc\x01\xFF", 2, 1) == "a >b< c\xEF\xBF\xBD\xEF\xBF\xBD");
  const std::string longer = std::string(100, 'x') + "BAD" + std::string(100, 'y');
  CHECK(Marked(longer, 100, 3) == "..." + std::string(40, 'x') + ">BAD<" + std::string(57, 'y') + "...");
  CHECK(Marked(longer, 0, 200) == ">" + std::string(60, 'x') + "<...");
  std::string characters;
  for (int i = 0; i < 100; ++i) characters += "\xC3\xA4";
  CHECK(Marked(characters, 102, 2).find("\xEF\xBF\xBD") == std::string::npos);
  CHECK(ExcerptOf("abc", RecordError{}).text.empty());
}

TEST_CASE("errors of JSON records point at the value", "[loader][reject]") {
  const auto marked = [](std::string_view json) {
    const ParsedRecord parsed(json);
    REQUIRE(!parsed.ok);
    return Marked(json, parsed.error.offset, parsed.error.length);
  };
  CHECK(marked(R"({"id":1,"email":5})") == R"({"id":1,"email":>5<})");
  CHECK(marked(R"({"id":"x"})") == R"({"id":>"x"<})");
  CHECK(marked("{\"id\":\"\xFF\"}") == "{\"id\":\">\xEF\xBF\xBD<\"}");
}

TEST_CASE("a log that keeps existing files takes the next free name, and none without rejects", "[loader][reject]") {
  const TemporaryFolder folder;
  const auto write = [&](bool with_reject) {
    auto log = RejectLog::Create({.path = folder.Path("x.rejects.ndjson"), .keep_existing = true});
    REQUIRE(log.ok());
    if (with_reject) (*log)->AddLate({.file = "a", .line = 1, .pointer = "", .value = "", .expected = "e"}, "record");
    REQUIRE((*log)->status().ok());
    return (*log)->path();
  };
  CHECK(write(false).empty());
  CHECK(!std::filesystem::exists(folder.Path("x.rejects.ndjson")));
  CHECK(write(true) == folder.Path("x.rejects.ndjson"));
  const std::string first = ReadWholeFile(folder.Path("x.rejects.ndjson"));
  CHECK(write(true) == folder.Path("x.rejects-2.ndjson"));
  CHECK(write(true) == folder.Path("x.rejects-3.ndjson"));
  CHECK(ReadWholeFile(folder.Path("x.rejects.ndjson")) == first);
}

TEST_CASE("a log is full when more than allowed were refused", "[loader][reject]") {
  auto log = RejectLog::Create({.count_max = 2});
  REQUIRE(log.ok());
  for (int i = 0; i < 4; ++i) {
    CHECK((*log)->is_full() == (i > 2));
    (*log)->AddLate({.file = "a", .line = 1, .pointer = "/p", .value = "", .expected = "e"}, "record");
  }
  CHECK((*log)->count() == 3);
  CHECK((*log)->causes().Sorted() == std::vector<RejectCause>{{"/p", "e", 3}});
}

}  // namespace
}  // namespace clientele
