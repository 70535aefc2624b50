// The random worlds themselves: valid, and such that requests find something in them.
#include <catch2/catch.hpp>

#include "index/case_folding.h"
#include "loader/record_parser.h"
#include "tests/engine/random_clients.h"
#include "tests/engine/random_queries.h"
#include "tests/engine/random_text.h"

namespace clientele {

TEST_CASE("random texts are valid, and another case of them folds to the same", "[engine][random]") {
  Random random(1);
  for (int i = 0; i < 2'000; ++i) {
    const std::string text = RandomText(random);
    REQUIRE(IsValidUtf8(text));
    REQUIRE(Folded(WithOtherCase(text, random)) == Folded(text));
    const std::string part = RandomPart(text, 1 + random.Below(10), random);
    REQUIRE(IsValidUtf8(part));
    REQUIRE(part.empty() == text.empty());
    REQUIRE(text.find(part) != std::string::npos);
  }
}

TEST_CASE("random clients are valid records and random requests valid queries that often match", "[engine][random]") {
  RecordParser parser;
  ClientRecord record;
  RecordError error;
  std::uint64_t requests = 0, matched = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    Random random(seed);
    const WorldShape shape = seed == 40 ? LargeShape(random, 1000) : RandomShape(random, 300);
    std::vector<OracleClient> clients;
    for (const std::int64_t id : RandomIds(shape.client_count, random)) {
      std::string json = RandomClientJson(shape, id, random);
      const std::size_t size = json.size();
      json.append(RecordParser::kPadding, '\0');
      const bool parsed = parser.Parse(std::string_view(json).substr(0, size), record, error);
      INFO(error.pointer << " expected " << error.expected << ", got " << error.value << "\n" << json);
      REQUIRE(parsed);
      REQUIRE(record.id() == id);
      clients.push_back(ToOracleClient(record));
    }
    const Oracle oracle(clients);
    for (int i = 0; i < 50; ++i, ++requests) {
      const auto query = ParseQuery(RandomRequest(oracle, random));
      REQUIRE(std::holds_alternative<Query>(query));
      const OracleAnswer answer = oracle.Ask(std::get<Query>(query));
      matched += answer.count > 0 && answer.count < clients.size();
    }
  }
  CHECK(matched * 4 > requests);
}

}  // namespace clientele
