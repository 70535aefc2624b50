#include "tests/engine/random_world.h"

#include <stdexcept>
#include <unordered_set>
#include <utility>
#include <vector>

#include "index/segment_builder.h"
#include "loader/record_parser.h"

namespace clientele {
namespace {

// Parses records one by one into both forms.
class WorldBuilder {
 public:
  void Add(std::string json) {
    const std::size_t size = json.size();
    json.append(RecordParser::kPadding, '\0');
    RecordError error;
    if (!parser_.Parse(std::string_view(json).substr(0, size), record_, error)) {
      throw std::runtime_error("a random record was refused at '" + error.pointer + "': expected " + error.expected + ", got " +
                               error.value + "\n" + json.substr(0, size));
    }
    batch_.Append(record_);
    if (ids_.insert(record_.id()).second)
      clients_.push_back(ToOracleClient(record_));
    else
      ++duplicates_;
  }

  void EndBatch() { batches_.push_back(std::exchange(batch_, SegmentBatch(builder_.shared()))); }

  // Batches are added in any order: the sequence alone tells which record came first.
  RandomWorld Seal(Random& random) {
    EndBatch();
    std::vector<std::uint64_t> sequences;
    for (std::uint64_t i = 0; i < batches_.size(); ++i) sequences.insert(sequences.begin() + random.Below(i + 1), i);
    for (const std::uint64_t sequence : sequences) builder_.Add(sequence, std::move(batches_[sequence]));
    SealResult sealed = std::move(builder_).Seal();
    if (sealed.duplicates.size() != duplicates_) throw std::runtime_error("the segment left out another number of repeated ids");
    return {std::make_unique<const Oracle>(std::move(clients_)), SnapshotOf(std::move(sealed.segment))};
  }

 private:
  RecordParser parser_;
  ClientRecord record_;
  SegmentBuilder builder_;
  SegmentBatch batch_{builder_.shared()};
  std::vector<SegmentBatch> batches_;
  std::vector<OracleClient> clients_;
  std::unordered_set<std::int64_t> ids_;
  std::size_t duplicates_ = 0;
};

RandomWorld Build(const WorldShape& shape, Random& random) {
  const std::uint64_t repeat_per_mille = random.Chance(100) ? 50 : 0;
  const std::uint64_t batch_end_per_mille = shape.lean ? 0 : random.Below(50);
  WorldBuilder builder;
  const std::vector<std::int64_t> ids = RandomIds(shape.client_count, random);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    builder.Add(RandomClientJson(shape, ids[i], random));
    if (random.Chance(repeat_per_mille)) builder.Add(RandomClientJson(shape, ids[random.Below(i + 1)], random));
    if (i % 10'000 == 9'999 || random.Chance(batch_end_per_mille)) builder.EndBatch();
  }
  return builder.Seal(random);
}

// Clients in several segments. Every client has its current version in one of them; versions that are dead lie in any of them,
// and in each segment an id stands once.
class SplitWorldBuilder {
 public:
  explicit SplitWorldBuilder(std::size_t segments) : parts_(segments) {}

  void AddCurrent(std::size_t part, const std::string& json) { clients_.push_back(ToOracleClient(Add(part, json))); }
  void AddDead(std::size_t part, const std::string& json) { parts_[part].dead.push_back(Add(part, json).id()); }

  RandomWorld Finish() {
    std::vector<SegmentView> views;
    for (Part& part : parts_) {
      part.builder.Add(0, std::move(part.batch));
      SegmentView view{.segment = std::move(part.builder).Seal().segment, .tombstones = nullptr};
      if (!part.dead.empty()) {
        std::vector<std::uint32_t> rows;
        for (const std::int64_t id : part.dead) rows.push_back(view.segment->RowOf(id).value());
        view.tombstones = Tombstones::None(*view.segment)->With(*view.segment, rows);
      }
      views.push_back(std::move(view));
    }
    Snapshot snapshot{.epoch = 1, .sealed = std::make_shared<const SealedVersion>(std::move(views)), .live = nullptr};
    return {std::make_unique<const Oracle>(std::move(clients_)), std::move(snapshot)};
  }

 private:
  struct Part {
    SegmentBuilder builder;
    SegmentBatch batch{builder.shared()};
    std::vector<std::int64_t> dead;
  };

  const ClientRecord& Add(std::size_t part, const std::string& json) {
    json_ = json;
    json_.append(RecordParser::kPadding, '\0');
    RecordError error;
    if (!parser_.Parse(std::string_view(json_).substr(0, json.size()), record_, error))
      throw std::runtime_error("a random record was refused at '" + error.pointer + "'");
    parts_[part].batch.Append(record_);
    return record_;
  }

  RecordParser parser_;
  std::string json_;  // What record_ points to.
  ClientRecord record_;
  std::vector<Part> parts_;
  std::vector<OracleClient> clients_;
};

RandomWorld BuildSplit(const WorldShape& shape, Random& random) {
  const std::size_t segments = random.Between(1, 6);
  const std::uint64_t first_per_mille = random.Below(1000);  // Clients whose current version lies in the first segment.
  const std::uint64_t stale_per_mille = random.Chance(200) ? 0 : random.Below(random.Chance(500) ? 20 : 600);
  const std::uint64_t gone_per_mille = random.Chance(500) ? 0 : random.Below(300);
  SplitWorldBuilder builder(segments);
  for (const std::int64_t id : RandomIds(shape.client_count, random)) {
    const bool is_gone = random.Chance(gone_per_mille);
    const std::size_t current = random.Chance(first_per_mille) ? 0 : random.Below(segments);
    for (std::size_t part = 0; part < segments; ++part) {
      if (part == current && !is_gone)
        builder.AddCurrent(part, RandomClientJson(shape, id, random));
      else if (part == current || random.Chance(stale_per_mille))
        builder.AddDead(part, RandomClientJson(shape, id, random));
    }
  }
  return builder.Finish();
}

}  // namespace

RandomWorld SmallSplitWorld(std::uint64_t seed) {
  Random random(seed);
  return BuildSplit(RandomShape(random, 2000), random);
}

RandomWorld LargeSplitWorld(std::uint64_t seed) {
  Random random(seed);
  return BuildSplit(LargeShape(random, static_cast<std::uint32_t>(random.Between(140'000, 210'000))), random);
}

RandomWorld SmallWorld(std::uint64_t seed) {
  Random random(seed);
  return Build(RandomShape(random, 3000), random);
}

RandomWorld LargeWorld(std::uint64_t seed) {
  Random random(seed);
  static constexpr std::uint32_t kEdges[] = {131'071, 131'072, 131'073, 196'607, 196'608, 196'609};
  auto client_count = static_cast<std::uint32_t>(random.Between(131'073, 210'000));
  if (random.Chance(300)) client_count = random.Pick(kEdges);
  return Build(LargeShape(random, client_count), random);
}

}  // namespace clientele
