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
    return {std::make_unique<const Oracle>(std::move(clients_)), Snapshot{.epoch = 1, .segment = std::move(sealed.segment)}};
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

}  // namespace

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
