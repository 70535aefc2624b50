// bench/loader/csv_record_parser_bench.cpp: what does a row of a flat table cost to be cut into cells, and to become a record?
#include <string>

#include <benchmark/benchmark.h>

#include "loader/csv_columns.h"
#include "loader/csv_record_parser.h"
#include "loader/csv_writer.h"
#include "loader/generator.h"
#include "loader/record_parser.h"

namespace clientele {
namespace {

constexpr std::uint64_t kRecords = 10'000;

struct Table {
  Table() {
    const Generator generator(7, kRecords);
    RecordParser parser;
    ClientRecord record;
    RecordError error;
    std::string json;
    for (std::uint64_t i = 0; i < kRecords; ++i) {
      json.clear();
      generator.AppendClient(i, json);
      const std::size_t bytes = json.size();
      json.append(RecordParser::kPadding, ' ');
      if (parser.Parse(std::string_view(json).substr(0, bytes), record, error)) AppendCsvRow(record, text);
    }
    size = text.size();
    text.append(CsvRows::kPadding, ' ');
    CsvHeader names;
    for (const Field field : FlatFields()) names.names.emplace_back(Def(field).name);
    header = std::make_shared<const CsvHeader>(std::move(names));
  }
  std::string_view rows() const { return std::string_view(text).substr(0, size); }

  std::string text;
  std::size_t size;
  std::shared_ptr<const CsvHeader> header;
};

void SetProcessed(benchmark::State& state, const Table& table) {
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(table.size));
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kRecords));
}

void BM_FindRowsEnd(benchmark::State& state) {
  const Table table;
  for (auto _ : state) benchmark::DoNotOptimize(FindCsvRowsEnd(table.rows(), ','));
  SetProcessed(state, table);
}
BENCHMARK(BM_FindRowsEnd);

void BM_CutRows(benchmark::State& state) {
  const Table table;
  CsvRows rows;
  for (auto _ : state) {
    rows.Start(table.rows(), ',', 1);
    while (rows.Next()) benchmark::DoNotOptimize(rows.cells().data());
  }
  SetProcessed(state, table);
}
BENCHMARK(BM_CutRows);

void BM_ParseRows(benchmark::State& state) {
  const Table table;
  CsvRows rows;
  CsvRecordParser parser;
  ClientRecord record;
  RecordError error;
  for (auto _ : state) {
    rows.Start(table.rows(), ',', 1);
    while (rows.Next()) {
      if (!parser.Parse(table.header, rows, record, error)) state.SkipWithError("a generated row was refused");
      benchmark::DoNotOptimize(record.id());
    }
  }
  SetProcessed(state, table);
}
BENCHMARK(BM_ParseRows);

}  // namespace
}  // namespace clientele

BENCHMARK_MAIN();
