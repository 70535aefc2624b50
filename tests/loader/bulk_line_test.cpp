#include "loader/bulk_line.h"

#include <catch2/catch.hpp>

namespace clientele {
namespace {

// "put", "patch 7 {...}", "delete 7", ... or what is wrong.
std::string Meaning(std::string_view line) {
  BulkLineReader reader;
  Write write;
  RecordProblem problem;
  if (!reader.Read(line, write, problem)) return problem.pointer + "|" + problem.value + "|" + problem.expected;
  const std::string id = write.id ? " " + std::to_string(*write.id) : "";
  switch (write.kind) {
    case WriteKind::kPut: return "put" + id + (write.json == line ? "" : " changed");
    case WriteKind::kPatch: return "patch" + id + " " + write.json;
    case WriteKind::kDelete: return "delete" + id + write.json;
    case WriteKind::kPurge: return "purge" + id + write.json;
    default: return "?";
  }
}

TEST_CASE("a line is a record unless a command stands at its top", "[loader][bulk]") {
  CHECK(Meaning(R"({"id":7,"email":"a"})") == "put");
  CHECK(Meaning(R"({"_delete":7})") == "delete 7");
  for (std::size_t blanks = 0; blanks < 40; ++blanks) {
    CHECK(Meaning("{" + std::string(blanks, ' ') + R"("_purge":7})") == "purge 7");
    CHECK(Meaning(R"({"_purge":7)" + std::string(blanks, ' ') + "}") == "purge 7");
  }
  CHECK(Meaning(R"( { "_purge" : -7 } )") == "purge -7");
  CHECK(Meaning(R"({"_patch":{"name":null,"x":1.50},"id":7})") == R"(patch 7 {"name":null,"x":1.50})");
  CHECK(Meaning(R"({"id":7,"_patch":{}})") == "patch 7 {}");
  CHECK(Meaning(R"({"id":7,"note":"\"_delete\"","nested":{"_delete":1}})") == "put");
  CHECK(Meaning(R"({"id":7,"_deleted":1,"_":2})") == "put");
  CHECK(Meaning(R"(["_delete",7])") == "put");
}

TEST_CASE("what is no JSON goes on as a record, which refuses it", "[loader][bulk]") {
  for (const char* line : {"", "{", R"({"_delete")", R"({"_delete)", "x\"_delete\"", "{\"_delete\":\"\xFF\"}", R"("_purge")"}) {
    CAPTURE(line);
    CHECK(Meaning(line) == "put");
  }
}

TEST_CASE("a command has what it needs and nothing else", "[loader][bulk]") {
  CHECK(Meaning(R"({"_delete":"7"})") == R"(/_delete|"7"|a client's id (a 64-bit integer))");
  CHECK(Meaning(R"({"_delete":9223372036854775808})").starts_with("/_delete|9223372036854775808|"));
  CHECK(Meaning(R"({"_delete":1.0})").starts_with("/_delete|1.0|"));
  CHECK(Meaning(R"({"_delete":7,"id":7})").ends_with("|one id"));
  CHECK(Meaning(R"({"_delete":7,"x":1})").starts_with("/x|1|nothing but"));
  CHECK(Meaning(R"({"_delete":7,"_purge":7})").starts_with("/_purge|7|one of"));
  CHECK(Meaning(R"({"_patch":{}})") == "/id||a client's id (a 64-bit integer)");
  CHECK(Meaning(R"({"_patch":[],"id":7})") == "/_patch|[],\"id\":7}|a merge patch (an object)");
  CHECK(Meaning(R"({"_patch":{},"id":7,"email":"a"})").starts_with("/email|\"a\"|nothing but"));
  CHECK(Meaning(R"({"_patch":{"a":},"id":7})").find("a value") != std::string::npos);
  CHECK(Meaning(R"({"_delete":7} x)").ends_with("|nothing behind the object"));
}

}  // namespace
}  // namespace clientele
