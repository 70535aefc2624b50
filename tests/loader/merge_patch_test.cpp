#include "loader/merge_patch.h"

#include <map>
#include <random>
#include <utility>
#include <variant>
#include <vector>

#include <catch2/catch.hpp>

#include "loader/json_record_reader.h"
#include "tests/loader/parsed_record.h"

namespace clientele {
namespace {

std::string Patched(std::string_view target, std::string_view patch) {
  MergePatcher patcher;
  const absl::StatusOr<std::string> result = patcher.Apply(target, patch);
  return result.ok() ? *result : std::string(result.status().message());
}

TEST_CASE("the examples of RFC 7396 give what its appendix says", "[loader][patch]") {
  const std::vector<std::array<const char*, 3>> examples{
      {R"({"a":"b"})", R"({"a":"c"})", R"({"a":"c"})"},
      {R"({"a":"b"})", R"({"b":"c"})", R"({"a":"b","b":"c"})"},
      {R"({"a":"b"})", R"({"a":null})", R"({})"},
      {R"({"a":"b","b":"c"})", R"({"a":null})", R"({"b":"c"})"},
      {R"({"a":["b"]})", R"({"a":"c"})", R"({"a":"c"})"},
      {R"({"a":"c"})", R"({"a":["b"]})", R"({"a":["b"]})"},
      {R"({"a":{"b":"c"}})", R"({"a":{"b":"d","c":null}})", R"({"a":{"b":"d"}})"},
      {R"({"a":[{"b":"c"}]})", R"({"a":[1]})", R"({"a":[1]})"},
      {R"(["a","b"])", R"(["c","d"])", R"(["c","d"])"},
      {R"({"a":"b"})", R"(["c"])", R"(["c"])"},
      {R"({"a":"foo"})", R"(null)", R"(null)"},
      {R"({"a":"foo"})", R"("bar")", R"("bar")"},
      {R"({"e":null})", R"({"a":1})", R"({"e":null,"a":1})"},
      {R"([1,2])", R"({"a":"b","c":null})", R"({"a":"b"})"},
      {R"({})", R"({"a":{"bb":{"ccc":null}}})", R"({"a":{"bb":{}}})"},
  };
  for (const auto& [target, patch, result] : examples) {
    CAPTURE(target, patch);
    CHECK(Patched(target, patch) == result);
  }
}

TEST_CASE("what a patch leaves alone keeps its bytes and its order", "[loader][patch]") {
  CHECK(Patched(R"({"traffic": 1.50, "odd" : [ 1e2 , {"x":-0.0} ], "z":"\u00e9\/", "name":"a"})", R"({"name":"b","new":2.00})") ==
        R"({"traffic":1.50,"odd":[ 1e2 , {"x":-0.0} ],"z":"\u00e9\/","name":"b","new":2.00})");
}

TEST_CASE("names are compared as what they stand for", "[loader][patch]") {
  CHECK(Patched(R"({"n\u0061me":1,"b":2})", R"({"name":3})") == R"({"n\u0061me":3,"b":2})");
  CHECK(Patched(R"({"name":1})", R"({"\u006eame":null})") == "{}");
}

TEST_CASE("of a name that the target has twice a patch leaves one", "[loader][patch]") {
  CHECK(Patched(R"({"x":1,"b":0,"x":2})", R"({"x":3})") == R"({"x":3,"b":0})");
  CHECK(Patched(R"({"x":1,"b":0,"x":2})", R"({"x":null})") == R"({"b":0})");
}

TEST_CASE("a patch that is no patch is refused with the place", "[loader][patch]") {
  MergePatcher patcher;
  const auto code = [&](std::string_view patch) { return patcher.Apply(R"({"a":{}})", patch).status().code(); };
  for (const char* patch :
       {"", " ", "{", "{\"a\":1", "{\"a\" 1}", "{\"a\":1}x", "{\"a\":1,}", "{\"a\":01}", "{\"a\":tru}", "{a:1}",
        "{\"a\":\"\x01\"}", "{\"a\":\"\xFF\"}", "{\"a\":\"\\q\"}", "{\"\\q\":1}", "[1,]", "{\"a\":{\"b\":1,\"b\":2}}"}) {
    CAPTURE(patch);
    CHECK(code(patch) == absl::StatusCode::kInvalidArgument);
  }
  CHECK(Patched("{}", R"({"a":{"b":1,"c":2,"b":3}})").find("the patch at /a: expected the member b only once") == 0);
  CHECK(code(R"({"a":2})") == absl::StatusCode::kOk);  // It can be used again.
}

TEST_CASE("patches are nested to a depth and no deeper", "[loader][patch]") {
  const auto nested = [](std::size_t depth) {
    std::string patch, end;
    for (std::size_t i = 0; i < depth; ++i) {
      patch += "{\"a\":";
      end += '}';
    }
    return patch + "1" + end;
  };
  MergePatcher patcher;
  CHECK(*patcher.Apply("{}", nested(MergePatcher::kDepthMax)) == nested(MergePatcher::kDepthMax));
  CHECK(patcher.Apply("{}", nested(MergePatcher::kDepthMax + 1)).status().code() == absl::StatusCode::kInvalidArgument);
  CHECK(patcher.Apply("{}", nested(100'000)).status().code() == absl::StatusCode::kInvalidArgument);
}

// The oracle: documents as trees, patched as the RFC's pseudo-code says.
struct Tree {
  std::string scalar = "null";  // When it is no object: also whole arrays, spelt.
  bool is_object = false;
  std::vector<std::pair<std::string, Tree>> members;

  Tree* Find(const std::string& name) {
    for (auto& [other, tree] : members) {
      if (other == name) return &tree;
    }
    return nullptr;
  }
  std::string Text() const {
    if (!is_object) return scalar;
    std::string text = "{";
    for (const auto& [name, tree] : members) text += (text.size() > 1 ? ",\"" : "\"") + name + "\":" + tree.Text();
    return text + "}";
  }
};

Tree MergePatchOfTheRfc(Tree target, const Tree& patch) {
  if (!patch.is_object) return patch;
  if (!target.is_object) target = {.scalar = "", .is_object = true, .members = {}};
  for (const auto& [name, value] : patch.members) {
    Tree* const found = target.Find(name);
    if (!value.is_object && value.scalar == "null") {
      std::erase_if(target.members, [&](const auto& member) { return member.first == name; });
    } else if (found != nullptr) {
      *found = MergePatchOfTheRfc(*found, value);
    } else {
      target.members.emplace_back(name, MergePatchOfTheRfc({}, value));
    }
  }
  return target;
}

Tree RandomTree(std::mt19937& random, int depth) {
  const auto below = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
  if (depth == 0 || below(3) == 0) {
    const char* const scalars[] = {"null", "1.50", "-0", "true", "\"\\u00e9\"", "[1,{\"a\":null}]", "[]", "1E5"};
    return {.scalar = scalars[below(8)], .is_object = false, .members = {}};
  }
  Tree tree{.scalar = "", .is_object = true, .members = {}};
  for (unsigned i = below(6); i > 0; --i) {
    const std::string name(1, static_cast<char>('a' + below(6)));
    if (tree.Find(name) == nullptr) tree.members.emplace_back(name, RandomTree(random, depth - 1));
  }
  return tree;
}

TEST_CASE("patches of random documents agree with the RFC's pseudo-code on trees", "[loader][patch]") {
  std::mt19937 random(7);
  MergePatcher patcher;
  for (int round = 0; round < 20'000; ++round) {
    const Tree target = RandomTree(random, 4), patch = RandomTree(random, 4);
    CAPTURE(target.Text(), patch.Text());
    const absl::StatusOr<std::string> result = patcher.Apply(target.Text(), patch.Text());
    REQUIRE(result.ok());
    REQUIRE(*result == MergePatchOfTheRfc(target, patch).Text());
  }
}

TEST_CASE("a reader of records needs no padding and says where a record is wrong", "[loader][patch]") {
  JsonRecordReader reader;
  ClientRecord record;
  RecordProblem problem;
  const std::string json = SmallRecord();
  CHECK(reader.Read(json, record, problem));
  CHECK(record.id() == 7);
  CHECK(!reader.Read(Replaced(json, "active", "actve"), record, problem));
  CHECK(problem.pointer == "/status");
  CHECK(problem.value == "\"actve\"");
  CHECK(!reader.Read("", record, problem));
  CHECK(!reader.Read(json.substr(0, json.size() - 1), record, problem));
}

TEST_CASE("a reader patches with objects only", "[loader][patch]") {
  JsonRecordReader reader;
  CHECK(*reader.MergePatch(R"({"a":1})", " {\"a\":2}\n") == R"({"a":2})");
  for (const char* patch : {"", " ", "[1]", "null", "1", "\"a\""}) {
    CAPTURE(patch);
    CHECK(reader.MergePatch(R"({"a":1})", patch).status().code() == absl::StatusCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace clientele
