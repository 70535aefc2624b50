// Pieces of JSON that were met before are not parsed again: what comes out must not depend on it.
#include "loader/met_pieces.h"

#include <random>

#include <catch2/catch.hpp>

#include "index/record_codec.h"
#include "loader/generator.h"
#include "tests/loader/mutations.h"
#include "tests/loader/parsed_record.h"

namespace clientele {
namespace {

// Parses and encodes with what may have met other records; gives the rendered JSON, or what was wrong.
class Reader {
 public:
  std::string Read(std::string_view json) {
    text_.assign(json).append(RecordParser::kPadding, '"');
    RecordError error;
    if (!parser_.Parse(std::string_view(text_).substr(0, json.size()), record_, error))
      return error.pointer + "|" + error.value + "|" + error.expected;
    std::string encoded, rendered;
    encoder_.Append(record_, encoded);
    RenderRecord(*dictionaries_, reinterpret_cast<const std::uint8_t*>(encoded.data()), ~std::uint64_t{0}, rendered);
    return rendered;
  }
  const ClientRecord& record() const { return record_; }

 private:
  std::shared_ptr<RecordDictionaries> dictionaries_ = NewRecordDictionaries();
  RecordEncoder encoder_{dictionaries_};
  RecordParser parser_;
  ClientRecord record_;
  std::string text_;
};

std::string ReadAfresh(std::string_view json) {
  return Reader().Read(json);
}

constexpr std::string_view kTailEnd = R"("auth_types":["password"])";
constexpr std::string_view kHeadEnd = R"("name":"f40","service":"CDN")";

TEST_CASE("the pieces of a record that comes again are met", "[loader][met_pieces]") {
  Reader reader;
  REQUIRE(reader.Read(kFullRecord) == ReadAfresh(kFullRecord));
  const PieceNumber tail = reader.record().users[0].tail_piece, head = reader.record().paid_features[0].head_piece;
  CHECK(tail != 0);
  CHECK(head != 0);
  for (int again = 0; again < 3; ++again) {
    CHECK(reader.Read(kFullRecord) == ReadAfresh(kFullRecord));
    CHECK(reader.record().users[0].tail_piece == tail);
    CHECK(reader.record().users[0].groups[0].name == "Administrators");
    CHECK(reader.record().paid_features[0].head_piece == head);
    CHECK(reader.record().paid_features[0].name == "f40");
  }
}

TEST_CASE("other values are other pieces", "[loader][met_pieces]") {
  Reader reader;
  REQUIRE(reader.Read(kFullRecord) == ReadAfresh(kFullRecord));
  const PieceNumber tail = reader.record().users[0].tail_piece, head = reader.record().paid_features[0].head_piece;
  const std::string other_tail = Replaced(std::string(kFullRecord), R"("two_fa":true)", R"("two_fa":false)");
  CHECK(reader.Read(other_tail) == ReadAfresh(other_tail));
  CHECK(reader.record().users[0].tail_piece != tail);
  const std::string other_head = Replaced(std::string(kFullRecord), R"("name":"f40")", R"("name":"f41")");
  CHECK(reader.Read(other_head) == ReadAfresh(other_head));
  CHECK(reader.record().paid_features[0].head_piece != head);
}

TEST_CASE("what stands behind a met piece is read as strictly as ever", "[loader][met_pieces]") {
  Reader reader;
  REQUIRE(reader.Read(kFullRecord) == ReadAfresh(kFullRecord));
  for (const std::string_view more : {R"(,"deleted":true)", R"(,"auth_types":[])", R"(,"id":5)", R"(,"x":[1])", ",", " ", "]",
                                      R"("x")", R"(,"create_date":1)", R"(,"service":"DNS")", R"(,"name":"f40")", R"(x)", ":"}) {
    for (const std::string_view end : {kTailEnd, kHeadEnd}) {
      const std::string json = Replaced(std::string(kFullRecord), end, std::string(end) + std::string(more));
      CAPTURE(json);
      CHECK(reader.Read(json) == ReadAfresh(json));
    }
  }
  for (const std::string_view before : {R"("deleted":true,)", R"("two_fa":null,)", R"("groups":[],)"}) {
    const std::string json = Replaced(std::string(kFullRecord), R"("lang":)", std::string(before) + R"("lang":)");
    CAPTURE(json);
    CHECK(reader.Read(json) == ReadAfresh(json));
  }
  const std::size_t tail_end = kFullRecord.find(kTailEnd) + kTailEnd.size();
  for (const std::size_t size : {tail_end, tail_end + 1}) {
    CHECK(reader.Read(kFullRecord.substr(0, size)) == ReadAfresh(kFullRecord.substr(0, size)));
  }
}

TEST_CASE("pieces with escapes, nulls, unknown members and long lists are not kept", "[loader][met_pieces]") {
  Reader reader;
  for (const auto& [from, to] :
       {std::pair(R"("Administrators")", R"("Admi\u006eistrators")"), std::pair(R"("two_fa":true)", R"("two_fa":null)"),
        std::pair(R"("two_fa":true)", R"("two_fa":true,"x":1)"), std::pair(R"(["password"])", R"(["a","b","c","d","e"])")}) {
    const std::string json = Replaced(std::string(kFullRecord), from, to);
    CAPTURE(json);
    for (int time = 0; time < 2; ++time) {
      CHECK(reader.Read(json) == ReadAfresh(json));
      CHECK(reader.record().users[0].tail_piece == 0);
    }
  }
}

TEST_CASE("a parser that has met pieces reads mutated records as one that has not", "[loader][met_pieces][fuzz]") {
  const Generator generator(5, 1'000);
  std::mt19937_64 random(7);
  Reader reader;
  std::string json;
  std::size_t met = 0;
  for (int i = 0; i < 6'000; ++i) {
    json.clear();
    generator.AppendClient(random() % 40, json);
    while (!json.empty() && json.back() == '\n') json.pop_back();
    if (i % 3 != 0) json = Mutated(json, random);
    CAPTURE(json);
    REQUIRE(reader.Read(json) == ReadAfresh(json));
    met += reader.record().user_count > 0 && reader.record().users[0].tail_piece != 0;
  }
  CHECK(met > 3'000);
}

}  // namespace
}  // namespace clientele
