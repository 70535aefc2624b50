// What is loaded is what comes out: parse, encode, render, and compare with the input as JSON values.
#include <algorithm>
#include <filesystem>

#include <catch2/catch.hpp>
#include <simdjson.h>

#include "index/date_time.h"
#include "index/record_codec.h"
#include "loader/generator.h"
#include "loader/input_file.h"
#include "tests/loader/parsed_record.h"

namespace clientele {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

bool Equal(element a, element b);

bool EqualArrays(simdjson::dom::array a, simdjson::dom::array b) {
  auto left = a.begin(), right = b.begin();
  for (; left != a.end() && right != b.end(); ++left, ++right) {
    if (!Equal(*left, *right)) return false;
  }
  return !(left != a.end()) && !(right != b.end());
}

// Members in any order; keys are distinct in all records here.
bool EqualObjects(simdjson::dom::object a, simdjson::dom::object b) {
  if (a.size() != b.size()) return false;
  for (const auto [key, value] : a) {
    element other;
    if (b.at_key(key).get(other) != simdjson::SUCCESS || !Equal(value, other)) return false;
  }
  return true;
}

bool Equal(element a, element b) {
  if (a.is_number() && b.is_number()) return a.type() == b.type() && simdjson::minify(a) == simdjson::minify(b);
  if (a.type() != b.type()) return false;
  switch (a.type()) {
    case element_type::ARRAY: return EqualArrays(a, b);
    case element_type::OBJECT: return EqualObjects(a, b);
    case element_type::STRING: return std::string_view(a) == std::string_view(b);
    case element_type::BOOL: return bool(a) == bool(b);
    default: return true;
  }
}

// What the contract says about a member that the input lacks.
std::string DefaultJson(const FieldDef& def, const ClientRecord& record) {
  if (def.nullable) return "null";
  switch (def.kind) {
    case FieldKind::kBoolean: return def.field == Field::kActivated && record[def.field].integer != 0 ? "true" : "false";
    case FieldKind::kWord: return "\"" + std::string(def.words[static_cast<std::size_t>(def.default_value)]) + "\"";
    case FieldKind::kUsers:
    case FieldKind::kTextList:
    case FieldKind::kServiceSet: return "[]";
    default: return "{}";
  }
}

// Keeps one set of dictionaries, as a store does, so that records meet codes made for others.
class RoundTrip {
 public:
  // Empty when the record came back as it went in; else what is wrong.
  std::string Check(std::string_view json) {
    text_.assign(json).append(RecordParser::kPadding, ' ');
    RecordError error;
    if (!parser_.Parse(std::string_view(text_).substr(0, json.size()), record_, error))
      return "refused: " + error.pointer + " " + error.expected;
    encoded_.clear();
    encoder_.Append(record_, encoded_);
    rendered_.clear();
    RenderRecord(*dictionaries_, reinterpret_cast<const std::uint8_t*>(encoded_.data()), ~std::uint64_t{0}, rendered_);
    return Compare(json);
  }

 private:
  std::string Compare(std::string_view json) {
    simdjson::dom::parser in_parser, out_parser, default_parser;
    simdjson::dom::object in, out;
    if (in_parser.parse(json.data(), json.size()).get(in) != simdjson::SUCCESS) return "input is no object";
    if (out_parser.parse(rendered_.data(), rendered_.size()).get(out) != simdjson::SUCCESS)
      return "output is no object: " + rendered_;
    auto member = out.begin();
    for (const FieldDef& def : Fields()) {
      if (!(member != out.end()) || member.key() != def.name) return std::string(def.name) + " is not in its place: " + rendered_;
      element expected;
      const bool given = in.at_key(def.name).get(expected) == simdjson::SUCCESS ||
                         (!def.alias.empty() && in.at_key(def.alias).get(expected) == simdjson::SUCCESS);
      if (!given) expected = default_parser.parse(simdjson::padded_string(DefaultJson(def, record_)));
      if (!Equal(expected, member.value())) return std::string(def.name) + " differs: " + rendered_;
      ++member;
    }
    for (const auto [key, value] : in) {
      if (FindField(key)) continue;
      if (!(member != out.end()) || member.key() != key || !Equal(value, member.value()))
        return std::string(key) + " differs: " + rendered_;
      ++member;
    }
    return member != out.end() ? "more members than went in: " + rendered_ : "";
  }

  std::shared_ptr<RecordDictionaries> dictionaries_ = NewRecordDictionaries();
  RecordEncoder encoder_{dictionaries_};
  RecordParser parser_;
  ClientRecord record_;
  std::string text_, encoded_, rendered_;
};

TEST_CASE("full and minimal records survive the round trip", "[loader][round_trip]") {
  RoundTrip trip;
  CHECK(trip.Check(kFullRecord) == "");
  CHECK(trip.Check(SmallRecord()) == "");
  CHECK(trip.Check(SmallRecord(R"("x_unknown":{"deep":[1,2.5,"\u00fc",null,true],"big":9007199254740993})")) == "");
  CHECK(
      trip.Check(
          R"({"id":9223372036854775807,"email":"","status":"ready","companyName":"\u0000\"\\\n","created":"0001-01-01T00:00:00Z","reseller":-5})") ==
      "");
}

TEST_CASE("nested shapes that the fields cannot hold survive the round trip", "[loader][round_trip]") {
  RoundTrip trip;
  for (
      const char* members :
      {R"("users":[{}])", R"("users":[{"id":5,"extra":{"a":[]}}])",
       R"("users":[{"email":null,"lang":null,"groups":null,"auth_types":null}])",
       R"("users":[{"activated":true,"groups":[{"name":"g"},{"id":1,"name":"h","x":0}]}])", R"("paidFeatures":{"CDN":[]})",
       R"("paidFeatures":{"CDN":[{"feature_id":1}],"DNS":[{"feature_id":2,"create_date":"2024-01-01"}]})",
       R"("freeFeatures":{"CLOUD":[{"feature_id":1,"name":"n","service":"DNS","create_date":"2024-01-01 00:00","free_feature_id":9}],"CDN":[]})",
       R"("freeFeatures":{"CLOUD":[{"free_feature_id":9,"create_date":"2024-01-01T00:00:00.000001Z","service":"CDN","name":"n","feature_id":-1}]})",
       R"("serviceStatuses":{"DNS":{"status":"new"},"CDN":{"enabled":true,"status":"paused","since":"x"}})",
       R"("capabilities":["DNS","CDN","DNS"])", R"("personal_product_availability":{"DNS":false,"CDN":true})",
       R"("secondary_hostnames":["","a\u0000b","\ud83d\ude00"])", R"("allowed_traffic_gb":12345678901234567890.5)",
       R"("allowed_traffic_gb":1e-7)", R"("allowed_traffic_gb":-0)", R"("seller":-9223372036854775808)",
       "\"x\": {\n \"a b\" : \"c  d\",\r\n \"e\": [ 1 ]\n}"}) {
    CAPTURE(members);
    CHECK(trip.Check(SmallRecord(members)) == "");
  }
}

TEST_CASE("generated records survive the round trip", "[loader][round_trip]") {
  RoundTrip trip;
  const Generator generator(17, 3'000);
  std::string line;
  for (std::uint64_t i = 0; i < 3'000; ++i) {
    line.clear();
    generator.AppendClient(i, line);
    CAPTURE(line);
    REQUIRE(trip.Check(line) == "");
  }
}

TEST_CASE("the hostile records of clients-10k survive the round trip", "[loader][round_trip]") {
  const std::filesystem::path root = CLIENTELE_SOURCE_DIR;
  for (const char* folder : {"../shared/data", "../../shared/data"}) {
    const std::filesystem::path path = root / folder / "clients-10k.ndjson.gz";
    if (!std::filesystem::exists(path)) continue;
    auto file = InputFile::Open(path.string());
    REQUIRE(file.ok());
    std::string text(std::size_t{32} << 20, '\0');
    std::size_t size = 0;
    for (std::size_t got = 1; got > 0; size += got) got = *(*file)->Read(text.data() + size, text.size() - size);
    RoundTrip trip;
    std::size_t records = 0;
    for (std::size_t at = 0; at < size; ++records) {
      const std::size_t end = text.find('\n', at);
      const std::string line = text.substr(at, end - at);
      CAPTURE(line);
      REQUIRE(trip.Check(line) == "");
      at = end + 1;
    }
    CHECK(records == 10'000);
    return;
  }
  WARN("clients-10k.ndjson.gz is not there: skipped");
}

}  // namespace
}  // namespace clientele
