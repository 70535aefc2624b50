// What does a write cost the live table? Making a row (outside of any lock), inserting it under all indices when the table is
// nearly full, replacing and erasing one; and what a row takes. Generated clients, seed 7.
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "index/live_table.h"
#include "index/packed_record.h"
#include "loader/generator.h"
#include "loader/record_parser.h"

namespace clientele {
namespace {

constexpr std::uint32_t kRows = LiveTable::kDefaultCapacity;

// Packed records of generated clients: an update writes a client of any age, so they are taken from all over the set.
const std::vector<std::string>& PackedClients() {
  static const std::vector<std::string> clients = [] {
    constexpr std::uint64_t kSet = 1'000'000;
    const Generator generator(7, kSet);
    RecordParser parser;
    ClientRecord record;
    RecordError error;
    std::vector<std::string> packed;
    for (std::uint64_t i = 0; i < 2 * kRows; ++i) {
      std::string line;
      generator.AppendClient(i * 7'919'777 % kSet, line);
      const std::size_t size = line.size();
      line.append(RecordParser::kPadding, '\0');
      if (!parser.Parse(std::string_view(line).substr(0, size), record, error)) std::abort();
      PackRecord(record, packed.emplace_back());
    }
    return packed;
  }();
  return clients;
}

struct Filler {
  std::shared_ptr<RecordDictionaries> dictionaries = NewRecordDictionaries();
  LiveRowMaker maker{dictionaries};
  ClientRecord record;

  LiveRowPtr Make(std::size_t client) {
    UnpackRecord(PackedClients()[client % PackedClients().size()], record);
    return maker.Make(record);
  }
};

void BM_UnpackRecord(benchmark::State& state) {
  ClientRecord record;
  std::size_t next = 0;
  for (auto _ : state) {
    UnpackRecord(PackedClients()[next++ % PackedClients().size()], record);
    benchmark::DoNotOptimize(record);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_UnpackRecord);

// With unpacking, which stands for the parser here.
void BM_MakeRow(benchmark::State& state) {
  Filler filler;
  std::size_t next = 0, bytes = 0;
  for (auto _ : state) bytes += filler.Make(next++)->bytes;
  state.SetItemsProcessed(state.iterations());
  state.counters["row_bytes"] = static_cast<double>(bytes) / static_cast<double>(next);
}
BENCHMARK(BM_MakeRow);

// The last 1,024 rows of a table of 8,192.
void BM_InsertIntoFullTable(benchmark::State& state) {
  constexpr std::uint32_t kTimed = 1'024;
  Filler filler;
  double bytes = 0;
  for (auto _ : state) {
    state.PauseTiming();
    auto table = std::make_unique<LiveTable>();
    std::vector<LiveRowPtr> rows;
    for (std::uint32_t i = 0; i < kRows; ++i) {
      i < kRows - kTimed ? static_cast<void>(table->Insert(filler.Make(i))) : rows.push_back(filler.Make(i));
    }
    state.ResumeTiming();
    for (LiveRowPtr& row : rows) table->Insert(std::move(row));
    state.PauseTiming();
    bytes = static_cast<double>(table->bytes()) / table->size();
    table.reset();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * kTimed);
  state.counters["table_bytes_per_row"] = bytes;
}
BENCHMARK(BM_InsertIntoFullTable)->Unit(benchmark::kMicrosecond)->Iterations(20);

// Rows of a table of 4,096 written anew, once each.
void BM_Replace(benchmark::State& state) {
  constexpr std::uint32_t kTimed = 4'096;
  Filler filler;
  for (auto _ : state) {
    state.PauseTiming();
    auto table = std::make_unique<LiveTable>();
    std::vector<LiveRowPtr> rows;
    for (std::uint32_t i = 0; i < kTimed; ++i) {
      table->Insert(filler.Make(i));
      rows.push_back(filler.Make(i));
    }
    state.ResumeTiming();
    for (LiveRowPtr& row : rows) table->Insert(std::move(row));
    state.PauseTiming();
    table.reset();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * kTimed);
}
BENCHMARK(BM_Replace)->Unit(benchmark::kMicrosecond)->Iterations(10);

void BM_Erase(benchmark::State& state) {
  Filler filler;
  std::vector<std::int64_t> ids;
  for (auto _ : state) {
    state.PauseTiming();
    auto table = std::make_unique<LiveTable>();
    ids.clear();
    for (std::uint32_t i = 0; i < kRows; ++i) {
      LiveRowPtr row = filler.Make(i);
      ids.push_back(row->id);
      table->Insert(std::move(row));
    }
    state.ResumeTiming();
    for (std::size_t i = 0; i < ids.size(); i += 8) table->Erase(ids[i]);
    state.PauseTiming();
    table.reset();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * kRows / 8);
}
BENCHMARK(BM_Erase)->Unit(benchmark::kMicrosecond)->Iterations(10);

void BM_FindId(benchmark::State& state) {
  Filler filler;
  LiveTable table;
  std::vector<std::int64_t> ids;
  for (std::uint32_t i = 0; i < kRows; ++i) {
    LiveRowPtr row = filler.Make(i);
    ids.push_back(row->id);
    table.Insert(std::move(row));
  }
  std::size_t next = 0;
  for (auto _ : state) benchmark::DoNotOptimize(table.Find(ids[next++ * 17 % ids.size()]));
}
BENCHMARK(BM_FindId);

}  // namespace
}  // namespace clientele

BENCHMARK_MAIN();
