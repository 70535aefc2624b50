// What does a record cost to encode and to render, and how many bytes does it take? Generated clients, seed 7. Rendering is timed
// on few records, whose bytes and dictionary texts stay in the cache, and on pages of random rows of many, fetched ahead as the
// list query does. Every variant first proves that it gives back the JSON that came in.
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <random>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "index/record_codec.h"
#include "index/record_store.h"
#include "loader/generator.h"
#include "loader/record_parser.h"

namespace clientele {
namespace {

constexpr std::uint64_t kAllFields = (std::uint64_t{1} << kFieldCount) - 1;
constexpr std::uint32_t kFewRecords = 500;
constexpr std::uint32_t kManyRecords = 1'000'000;
constexpr std::uint32_t kPageRows = 50;

constexpr std::uint64_t Bit(Field field) {
  return std::uint64_t{1} << static_cast<std::size_t>(field);
}
constexpr std::uint64_t kSevenScalars = Bit(Field::kId) | Bit(Field::kEmail) | Bit(Field::kName) | Bit(Field::kStatus) |
                                        Bit(Field::kCompanyName) | Bit(Field::kCountryCode) | Bit(Field::kCreatedAt);

// Parses generated clients one by one.
class Clients {
 public:
  explicit Clients(std::uint64_t count) : generator_(7, count) {}

  const ClientRecord& Parse(std::uint64_t index) {
    line_.clear();
    generator_.AppendClient(index, line_);
    line_.pop_back();
    json_ = line_;
    line_.append(RecordParser::kPadding, ' ');
    RecordError error;
    if (!parser_.Parse({line_.data(), json_.size()}, record_, error)) std::abort();
    return record_;
  }
  const std::string& json() const { return json_; }  // Of the client parsed last.

 private:
  Generator generator_;
  std::string line_, json_;
  RecordParser parser_;
  ClientRecord record_;
};

// Records in a store, as a segment keeps them.
struct EncodedClients {
  explicit EncodedClients(std::uint32_t count) : dictionaries(NewRecordDictionaries()) {
    const auto region = RecordRegion::Reserve();
    if (!region.ok()) std::abort();
    store = RecordStore(*region, count);
    RecordAppender appender(*region);
    RecordEncoder encoder(dictionaries);
    Clients clients(count);
    std::string bytes, json;
    for (std::uint32_t i = 0; i < count; ++i) {
      bytes.clear();
      encoder.Append(clients.Parse(i), bytes);
      store.Set(i, appender.Append({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}).value());
      encoded_bytes += bytes.size();
      json_bytes += clients.json().size();
      if (i % 97 != 0) continue;
      json.clear();
      RenderRecord(*dictionaries, store.Record(i), kAllFields, json);
      if (json != clients.json()) std::abort();
    }
  }

  static const EncodedClients& Many() {
    static const EncodedClients clients(kManyRecords);
    return clients;
  }

  std::shared_ptr<RecordDictionaries> dictionaries;
  RecordStore store;
  std::uint64_t encoded_bytes = 0, json_bytes = 0;
};

// Records whose texts are all in the dictionaries by now: the encoder without cache misses.
void BM_Encode(benchmark::State& state) {
  std::deque<Clients> parsers;
  std::vector<const ClientRecord*> records;
  for (std::uint32_t i = 0; i < kFewRecords; ++i) records.push_back(&parsers.emplace_back(kManyRecords).Parse(i * 1999));
  RecordEncoder encoder(NewRecordDictionaries());
  std::string out;
  for (auto _ : state) {
    out.clear();
    for (const ClientRecord* record : records) encoder.Append(*record, out);
  }
  state.SetItemsProcessed(state.iterations() * kFewRecords);
}
BENCHMARK(BM_Encode);

void BM_Render(benchmark::State& state, std::uint64_t fields) {
  const EncodedClients clients(kFewRecords);
  std::string out;
  for (auto _ : state) {
    out.clear();
    for (std::uint32_t row = 0; row < kFewRecords; ++row)
      RenderRecord(*clients.dictionaries, clients.store.Record(row), fields, out);
  }
  state.SetItemsProcessed(state.iterations() * kFewRecords);
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(out.size()));
}
BENCHMARK_CAPTURE(BM_Render, full, kAllFields);
BENCHMARK_CAPTURE(BM_Render, seven_scalars, kSevenScalars);
BENCHMARK_CAPTURE(BM_Render, id, Bit(Field::kId));

// Items are pages of 50 rows. The counters say what all records take.
void BM_RenderRandomPage(benchmark::State& state, std::uint64_t fields) {
  const EncodedClients& clients = EncodedClients::Many();
  std::mt19937 random(1);
  std::string out;
  std::vector<std::uint32_t> rows(kPageRows);
  for (auto _ : state) {
    for (std::uint32_t& row : rows) row = static_cast<std::uint32_t>(random() % kManyRecords);
    out.clear();
    for (const std::uint32_t row : rows) RecordStore::Prefetch(clients.store.Record(row));
    for (const std::uint32_t row : rows) RenderRecord(*clients.dictionaries, clients.store.Record(row), fields, out);
  }
  state.SetItemsProcessed(state.iterations());
  state.counters["json_bytes_per_record"] = static_cast<double>(clients.json_bytes) / kManyRecords;
  state.counters["encoded_bytes_per_record"] = static_cast<double>(clients.encoded_bytes) / kManyRecords;
  state.counters["dictionary_megabytes"] = static_cast<double>(MemoryBytes(*clients.dictionaries)) / 1e6;
}
BENCHMARK_CAPTURE(BM_RenderRandomPage, full, kAllFields);
BENCHMARK_CAPTURE(BM_RenderRandomPage, seven_scalars, kSevenScalars);

}  // namespace
}  // namespace clientele

BENCHMARK_MAIN();
