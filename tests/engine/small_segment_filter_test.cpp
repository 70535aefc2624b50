// A large segment, small ones with dead rows, and live rows, of generated clients: what is asked of the small segments in ways of
// their own is answered like the oracle, and those ways are the ones that are taken.
#include "engine/small_segment_filter.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "engine/current_version.h"
#include "engine/query_parser.h"
#include "index/segment_builder.h"
#include "index/shared_dictionaries.h"
#include "loader/generator.h"
#include "loader/record_parser.h"
#include "tests/engine/answer_check.h"
#include "tests/engine/random_queries.h"

namespace clientele {
namespace {

constexpr std::uint32_t kLarge = 30'000, kSmall = 6'000, kTiny = 200, kLive = 700;

// Clients of the generator, the first ones in the first segment; every seventh of the segments is dead.
class SplitSet {
 public:
  explicit SplitSet(const std::vector<std::uint32_t>& sizes = {kLarge, kSmall, kTiny}) {
    std::vector<SegmentView> views;
    std::uint32_t first = 0;
    for (const std::uint32_t size : sizes) {
      views.push_back(MakeSegment(first, size));
      first += size;
    }
    auto live = std::make_shared<LiveTable>(kLive, dictionaries_);
    LiveRowMaker maker(dictionaries_);
    for (std::uint32_t i = 0; i < kLive; ++i) {
      live->Insert(maker.Make(Parse(first + i)));
      clients_.push_back(ToOracleClient(record_));
    }
    version_ = std::make_unique<const CurrentVersion>(std::make_shared<const SealedVersion>(std::move(views)), std::move(live));
    oracle_ = std::make_unique<const Oracle>(clients_);
  }

  const Oracle& oracle() const { return *oracle_; }
  const std::vector<OracleClient>& clients() const { return clients_; }  // Of the large segment first, then of the small ones.

  Explain Ask(const Query& query, std::uint32_t threads = 1) const {
    Explain explain;
    const std::string difference = Difference(*oracle_, version_->Take(query), query, {.threads = threads}, explain);
    INFO(DebugString(query));
    CHECK(difference == "");
    return explain;
  }
  Explain Ask(std::string_view query_string, std::uint32_t threads = 1) const { return Ask(MustParse(query_string), threads); }

 private:
  static Query MustParse(std::string_view query_string) {
    const auto parsed = ParseQueryString(query_string);
    CAPTURE(query_string);
    REQUIRE(std::holds_alternative<Query>(parsed));
    return std::get<Query>(parsed);
  }

  const ClientRecord& Parse(std::uint32_t number) {
    line_.clear();
    generator_.AppendClient(number, line_);
    const std::size_t size = line_.size();
    line_.append(RecordParser::kPadding, '\0');
    REQUIRE(parser_.Parse(std::string_view(line_).substr(0, size), record_, error_));
    return record_;
  }

  SegmentView MakeSegment(std::uint32_t first, std::uint32_t size) {
    SegmentBuilder builder(dictionaries_);
    SegmentBatch batch(builder.shared());
    std::vector<std::int64_t> dead_ids;
    for (std::uint32_t i = 0; i < size; ++i) {
      batch.Append(Parse(first + i));
      if (i % 7 == 0)
        dead_ids.push_back(record_.id());
      else
        clients_.push_back(ToOracleClient(record_));
    }
    builder.Add(0, std::move(batch));
    SegmentView view{.segment = std::move(builder).Seal().segment, .tombstones = nullptr};
    view.tombstones = Tombstones::None(*view.segment)->With(*view.segment, view.segment->RowsOf(dead_ids));
    return view;
  }

  const Generator generator_{11, 140'000};
  std::shared_ptr<RecordDictionaries> dictionaries_ = NewRecordDictionaries();
  RecordParser parser_;
  ClientRecord record_;
  RecordError error_;
  std::string line_;
  std::vector<OracleClient> clients_;
  std::unique_ptr<const CurrentVersion> version_;
  std::unique_ptr<const Oracle> oracle_;
};

}  // namespace

TEST_CASE("small segments beside a large one are filtered in their own way", "[engine][live]") {
  const SplitSet set;
  for (const char* query_string :
       {"limit=50", "status=active&limit=0", "status=active&country_code=US&cdn=active&activated=true&limit=0",
        "status=active&country_code=US&ordering=-created_at&limit=50", "country_code=null&status=active,new,paused&limit=100",
        "cdn=active&storage=paused,trial&deleted=false&ordering=companyName&limit=50&offset=30",
        "created_at_gte=2019-01-01&created_at_lte=2019-03-01&ordering=name&limit=50",
        "created_at_gte=2015-01-01&min_traffic=10&is_test=false&ordering=-email&limit=20",
        "cloud=trial&ordering=status,-created_at&limit=50&offset=60", "feature_id_in=1,2,3&activated=false&limit=0",
        "feature_id_in=1,2,3&activated=false&ordering=name&limit=50", "personal_product_availability=CDN,STORAGE&limit=0"}) {
    CAPTURE(query_string);
    CHECK(set.Ask(query_string).small_segments == 2);
  }
  std::string ids;
  for (std::size_t i = 0; i < set.clients().size(); i += 1'700)
    ids += (ids.empty() ? "" : ",") + std::to_string(set.clients()[i].id);
  CHECK(set.Ask("id__in__exclude=" + ids + "&deleted=false&ordering=-email&limit=50").small_segments == 2);
  CHECK(set.Ask("id__in=" + ids + "&limit=50").small_segments == 2);
  CHECK(set.Ask("status=active&country_code=US&limit=50", 2).small_segments == 0);
  CHECK_THAT(ExplainText(set.Ask("status=active&limit=50")), Catch::Contains("of 3 segments: 2 small ones at once"));
}

TEST_CASE("small segments of several chunks are filtered like the oracle", "[engine][live]") {
  const SplitSet set({1'000, 2 * kChunkRows + 500, 300});
  for (const char* query_string :
       {"limit=50", "status=active&country_code=US&cdn=active&activated=true&limit=0", "activated=true&is_test=false&limit=0",
        "status=active&country_code=US&ordering=-created_at&limit=50&offset=2000",
        "country_code=null&status=active,new,paused&ordering=-created_at&limit=100", "status=paused&limit=100&offset=100",
        "created_at_gte=2019-01-01&created_at_lte=2019-03-01&ordering=name&limit=50",
        "created_at_gte=2015-01-01&min_traffic=10&is_test=false&ordering=-email&limit=20&offset=40000",
        "cloud=trial&ordering=status,-created_at&limit=50&offset=60",
        "feature_id_in=1,2,3&activated=false&ordering=name&limit=50"}) {
    CAPTURE(query_string);
    CHECK(set.Ask(query_string).small_segments == 2);
  }
  Random random(23);
  std::uint32_t small = 0;
  for (int i = 0; i < 120; ++i) {
    CAPTURE(i);
    small += set.Ask(std::get<Query>(ParseQuery(RandomRequest(set.oracle(), random)))).small_segments;
  }
  CHECK(small > 60);
}

TEST_CASE("a small segment whose signature lacks a searched text is not searched", "[engine][live]") {
  const SplitSet set;
  const std::string in_large = set.clients()[100].email, in_small = set.clients()[kLarge * 6 / 7 + 100].email;
  CHECK(set.Ask("email=" + in_large + "&limit=50").ruled_out_segments == 1);  // The tiny one has no signature.
  CHECK(set.Ask("email=" + in_large + "&limit=0").ruled_out_segments == 1);
  CHECK(set.Ask("email=" + in_small + "&limit=50").ruled_out_segments == 0);
  CHECK(set.Ask("email=@&limit=50").ruled_out_segments == 0);
}

TEST_CASE("random queries of a large segment, small ones and live rows are answered like the oracle", "[engine][live]") {
  const SplitSet set;
  Random random(17);
  std::uint32_t small = 0;
  for (int i = 0; i < 600; ++i) {
    CAPTURE(i);
    small += set.Ask(std::get<Query>(ParseQuery(RandomRequest(set.oracle(), random)))).small_segments;
  }
  CHECK(small > 300);
}

}  // namespace clientele
