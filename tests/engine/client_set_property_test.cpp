// A live set answers like the oracle over the clients that are current, whatever was written, sealed, merged, flushed and
// reopened before. Seeds as in property_test.cpp; CLIENTELE_PROPERTY_QUERIES / 100 steps are taken.
#include <cstdlib>
#include <filesystem>
#include <future>
#include <iostream>
#include <map>
#include <string>
#include <thread>

#include <catch2/catch.hpp>

#include "engine/client_set.h"
#include "engine/query_parser.h"
#include "loader/json_record_reader.h"
#include "tests/engine/answer_check.h"
#include "tests/engine/random_clients.h"
#include "tests/engine/random_queries.h"
#include "tests/loader/temporary_files.h"

namespace clientele {
namespace {

using Code = WriteResult::Code;

std::uint64_t FromEnvironment(const char* name, std::uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

// The set, and the same clients as plain structs.
class World {
 public:
  explicit World(std::uint64_t seed) : random_(seed), shape_(RandomShape(random_, 1500)) {
    live_capacity_ = static_cast<std::uint32_t>(random_.Between(4, 400));
    policy_.file_rows = random_.Between(50, 1000);
    policy_.memory_segments_max = static_cast<std::uint32_t>(random_.Between(2, 6));
    policy_.tier_width = static_cast<std::uint32_t>(random_.Between(2, 4));
    log_rows_max_ = random_.Between(100, 5000);
    segment_rows_ = random_.Chance(700) ? random_.Between(2, 30) : random_.Between(30, 600);
    Open();
  }

  void Step() {
    switch (random_.Below(20)) {
      case 0: set_->SealLive(); break;
      case 1: Check(set_->Settle()); break;
      case 2: Check(set_->Flush()); break;
      case 3:
        if (random_.Chance(300)) Open();
        break;
      case 4: Write(random_.Between(300, 900)); break;
      case 5:
      case 6: Write(random_.Between(50, 150)); break;
      default: Write(random_.Between(1, 12));
    }
  }

  void Ask(int queries) {
    std::vector<OracleClient> clients;
    for (const auto& [id, client] : clients_) clients.push_back(client.oracle);
    const Oracle oracle(std::move(clients));
    for (int i = 0; i < queries; ++i) {
      const Query query = std::get<Query>(ParseQuery(RandomRequest(oracle, random_)));
      AskOptions ask{.stream = random_.Chance(150), .stream_batch = 50, .threads = 1};
      ask.render = random_.Chance(200);
      static constexpr std::array kMergePlans{MergePlan::kFromStart, MergePlan::kSelected, MergePlan::kWordGroups};
      if (random_.Chance(500)) ask.force_merge = random_.Pick(kMergePlans);
      Explain explain;
      const std::string difference = Difference(oracle, set_->Take(query), query, ask, explain);
      INFO(difference);
      REQUIRE(difference == "");
      CHECK(explain.rows_total == clients_.size());
      ++asked_;
      with_live_ += !explain.live_plan.empty();
      segments_most_ = std::max(segments_most_, explain.segments);
      ++merge_plans_[explain.merge_plan];
    }
  }

  // Every record, by id and as the whole list, and that there are no others.
  void CompareAll() {
    REQUIRE(set_->client_count() == clients_.size());
    for (const auto& [id, client] : clients_) {
      const auto found = set_->Find(id);
      REQUIRE(found.ok());
      REQUIRE(found->has_value());
      REQUIRE((*found)->json == client.json);
    }
    const Query everything;
    const Snapshot snapshot = set_->Take(everything);
    const auto stream = RowStream::Open(snapshot, everything);
    REQUIRE(stream.ok());
    REQUIRE((*stream)->count() == clients_.size());
    std::vector<std::uint32_t> rows(clients_.size() + 1);
    std::size_t filled = 0;
    while (const std::size_t more = (*stream)->Next(std::span(rows).subspan(filled))) filled += more;
    std::string json, expected;
    RenderRows(snapshot, std::span(rows).first(filled), kAllFields, "\n", json);
    for (const auto& [id, client] : clients_) expected += (expected.empty() ? "" : "\n") + client.json;
    REQUIRE(json == expected);
  }

  void Open() {
    set_.reset();
    ClientSetOptions options;
    options.new_reader = NewJsonRecordReader;
    options.live_capacity = live_capacity_;
    options.maintenance.policy = policy_;
    options.maintenance.log_rows_max = log_rows_max_;
    options.maintenance.large_rows = 500;
    options.segment_rows = segment_rows_;
    options.verify = random_.Chance(500) ? Verify::kLazy : Verify::kFull;
    auto opened = ClientSet::Open(folder_.Path("set"), std::move(options));
    INFO(opened.status().ToString());
    REQUIRE(opened.ok());
    set_ = *std::move(opened);
    ++opened_;
    CompareAll();
  }

  void Report() const {
    const ClientSetFigures figures = set_->figures();
    std::cout << asked_ << " queries of a live set: " << with_live_ << " met live rows, at most " << segments_most_
              << " segments, " << sealed_ << " batches sealed ahead; merge plans:";
    for (const auto& [plan, count] : merge_plans_) std::cout << " " << MergePlanName(plan) << " " << count;
    std::cout << "; opened " << opened_ << " times, " << figures.maintenance.merges << " merges since" << std::endl;
  }
  std::uint64_t with_live() const { return with_live_; }
  std::uint32_t segments_most() const { return segments_most_; }
  std::uint64_t sealed() const { return sealed_; }
  Random& random() { return random_; }

 private:
  struct Client {
    std::string json;
    OracleClient oracle;
  };

  static void Check(const absl::Status& status) {
    INFO(status.ToString());
    REQUIRE(status.ok());
  }

  std::int64_t KnownId() {
    if (clients_.empty()) return 1;
    auto place = clients_.lower_bound(static_cast<std::int64_t>(random_.Below(5'000)));
    return place == clients_.end() ? clients_.begin()->first : place->first;
  }
  std::int64_t AnyId() { return random_.Chance(600) ? KnownId() : static_cast<std::int64_t>(random_.Between(1, 5'000)); }

  Client ClientOf(const std::string& json) {
    RecordProblem problem;
    REQUIRE(reader_->Read(json, record_, problem));
    Client client;
    std::string encoded;
    encoder_.Append(record_, encoded);
    encoded.append(64, '\0');
    RenderRecord(*dictionaries_, reinterpret_cast<const std::uint8_t*>(encoded.data()), kAllFields, client.json);
    client.oracle = ToOracleClient(record_);
    return client;
  }

  // What the set ought to say to a write, with what was said to the earlier ones done.
  Code Expect(const clientele::Write& write, std::map<std::int64_t, Client>& clients) {
    const std::int64_t id = *write.id;
    const auto known = clients.find(id);
    const bool is_there = known != clients.end();
    const auto holds = [&] {
      switch (write.precondition.kind) {
        case Precondition::Kind::kNone: return true;
        case Precondition::Kind::kPresent: return is_there;
        case Precondition::Kind::kAbsent: return !is_there;
        case Precondition::Kind::kVersionIn:
          return is_there && std::ranges::count(write.precondition.versions, VersionOf(known->second.json)) > 0;
      }
      return false;
    };
    if (!holds()) return Code::kPreconditionFailed;
    switch (write.kind) {
      case WriteKind::kCreate:
        if (is_there) return Code::kExists;
        clients[id] = ClientOf(write.json);
        return Code::kCreated;
      case WriteKind::kPut: clients[id] = ClientOf(write.json); return is_there ? Code::kReplaced : Code::kCreated;
      case WriteKind::kPatch:
      case WriteKind::kDelete: {
        if (!is_there) return Code::kMissing;
        const std::string patch = write.kind == WriteKind::kPatch ? write.json : R"({"deleted":true})";
        const auto patched = reader_->MergePatch(known->second.json, patch);
        REQUIRE(patched.ok());
        known->second = ClientOf(*patched);
        return write.kind == WriteKind::kPatch ? Code::kPatched : Code::kDeleted;
      }
      case WriteKind::kPurge: return clients.erase(id) > 0 ? Code::kPurged : Code::kMissing;
    }
    return Code::kNotTried;
  }

  clientele::Write RandomWrite() {
    clientele::Write write;
    write.id = AnyId();
    switch (random_.Below(10)) {
      case 0: write.kind = WriteKind::kCreate; break;
      case 1:
        write.kind = WriteKind::kPatch;
        write.json = random_.Chance(500) ? R"({"status":"paused","name":null})" : R"({"companyName":"Patched"})";
        break;
      case 2: write.kind = WriteKind::kDelete; break;
      case 3: write.kind = WriteKind::kPurge; break;
      default: write.kind = WriteKind::kPut;
    }
    if (write.kind == WriteKind::kCreate || write.kind == WriteKind::kPut)
      write.json = RandomClientJson(shape_, *write.id, random_);
    if (random_.Chance(900)) return write;
    write.precondition.kind = static_cast<Precondition::Kind>(random_.Below(4));
    if (write.precondition.kind == Precondition::Kind::kVersionIn) {
      const auto known = clients_.find(*write.id);
      write.precondition.versions = {random_.Next()};
      if (known != clients_.end() && random_.Chance(700)) write.precondition.versions.push_back(VersionOf(known->second.json));
    }
    return write;
  }

  // As bulk requests have them: records of clients, some of which may be written twice.
  void AppendRecords(std::size_t size, WriteBatch& batch) {
    std::int64_t id = AnyId();
    for (std::size_t i = 0; i < size; ++i, id += static_cast<std::int64_t>(random_.Between(1, 3))) {
      clientele::Write write{
          .kind = WriteKind::kPut, .id = id, .json = RandomClientJson(shape_, id, random_), .precondition = {}};
      batch.writes.push_back(std::move(write));
    }
    if (random_.Chance(200)) batch.writes.push_back(batch.writes[random_.Below(batch.writes.size())]);
  }

  void Write(std::size_t size) {
    WriteBatch batch;
    if (random_.Chance(300))
      AppendRecords(size + (random_.Chance(500) ? segment_rows_ : 0), batch);
    else
      for (std::size_t i = 0; i < size; ++i) batch.writes.push_back(RandomWrite());
    batch.atomic = random_.Chance(200);
    batch.dry_run = random_.Chance(50);
    batch.want_versions = random_.Chance(500);
    std::map<std::int64_t, Client> after = clients_;
    std::vector<Code> expected;
    bool any_refused = false;
    for (const auto& write : batch.writes) {
      expected.push_back(Expect(write, after));
      any_refused |= IsRefused(expected.back());
    }
    if (batch.atomic && any_refused) {
      for (Code& code : expected) code = IsRefused(code) ? code : Code::kNotTried;
    }
    const bool changes = !batch.dry_run && !(batch.atomic && any_refused);
    PendingBatch pending = set_->Prepare(std::move(batch));
    sealed_ += pending.sealed != nullptr;
    std::promise<absl::StatusOr<WriteReply>> promise;
    set_->SubmitPrepared(std::move(pending),
                         [&](absl::StatusOr<WriteReply> committed) { promise.set_value(std::move(committed)); });
    const absl::StatusOr<WriteReply> reply = promise.get_future().get();
    INFO(reply.status().ToString());
    REQUIRE(reply.ok());
    std::vector<Code> codes;
    for (const WriteResult& result : reply->results) codes.push_back(result.code);
    REQUIRE(codes == expected);
    if (changes) clients_ = std::move(after);
    REQUIRE(set_->client_count() == clients_.size());
  }

  Random random_;
  const WorldShape shape_;
  const TemporaryFolder folder_;
  std::uint32_t live_capacity_ = 0;
  MergePolicyOptions policy_;
  std::uint64_t log_rows_max_ = 0, segment_rows_ = 0;
  std::unique_ptr<RecordReader> reader_ = NewJsonRecordReader();
  ClientRecord record_;
  std::shared_ptr<RecordDictionaries> dictionaries_ = NewRecordDictionaries();
  RecordEncoder encoder_{dictionaries_};
  std::map<std::int64_t, Client> clients_;
  std::unique_ptr<ClientSet> set_;
  std::uint64_t asked_ = 0, with_live_ = 0, opened_ = 0, sealed_ = 0;
  std::uint32_t segments_most_ = 0;
  std::map<MergePlan, std::uint64_t> merge_plans_;
};

}  // namespace

TEST_CASE("a live set answers like the oracle between writes, seals, merges and restarts", "[property][live]") {
  const std::uint64_t steps = FromEnvironment("CLIENTELE_PROPERTY_QUERIES", 50'000) / 100;
  const std::uint64_t first_seed = FromEnvironment("CLIENTELE_PROPERTY_SEED", 1);
  std::uint64_t with_live = 0, sealed = 0;
  std::uint32_t segments_most = 0;
  for (std::uint64_t seed = first_seed, taken = 0; taken < steps; ++seed) {
    INFO("CLIENTELE_PROPERTY_SEED=" << seed);
    World world(seed);
    for (int step = 0; step < 100 && taken < steps; ++step, ++taken) {
      INFO("step " << step);
      world.Step();
      world.Ask(10);
    }
    world.CompareAll();
    world.Open();
    world.Report();
    with_live += world.with_live();
    sealed += world.sealed();
    segments_most = std::max(segments_most, world.segments_most());
  }
  if (steps < 400) return;
  CHECK(with_live > steps);
  CHECK(segments_most >= 4);
  CHECK(sealed > steps / 50);
}

}  // namespace clientele
