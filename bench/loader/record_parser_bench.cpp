// bench/loader/record_parser_bench.cpp: how many records does one core parse, checked to the last byte? And how much of that is
// simdjson's first stage, which finds the tokens?
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "loader/generator.h"
#include "loader/json_tokens.h"
#include "loader/record_parser.h"

namespace clientele {
namespace {

constexpr std::uint64_t kRecords = 4'000;  // Some 6.5 MB: larger than the L2, as input fresh from the page cache is.

struct Input {
  std::string text;
  std::vector<std::string_view> records;
};

const Input& GeneratedRecords() {
  static const Input input = [] {
    Input made;
    std::vector<std::size_t> ends;
    const Generator generator(7, kRecords);
    for (std::uint64_t i = 0; i < kRecords; ++i) {
      generator.AppendClient(i, made.text);
      ends.push_back(made.text.size());
    }
    made.text.append(RecordParser::kPadding, ' ');
    for (std::size_t begin = 0; const std::size_t end : ends) {
      made.records.emplace_back(made.text.data() + begin, end - begin);
      begin = end;
    }
    return made;
  }();
  return input;
}

void SetRates(benchmark::State& state) {
  const Input& input = GeneratedRecords();
  state.SetItemsProcessed(state.iterations() * std::ssize(input.records));
  state.SetBytesProcessed(state.iterations() * std::ssize(input.text));
}

void BM_Tokenize(benchmark::State& state) {
  JsonTokenizer tokenizer;
  for (auto _ : state) {
    for (const std::string_view record : GeneratedRecords().records) benchmark::DoNotOptimize(tokenizer.Tokenize(record));
  }
  SetRates(state);
}
BENCHMARK(BM_Tokenize);

void BM_Parse(benchmark::State& state) {
  RecordParser parser;
  ClientRecord record;
  RecordError error;
  for (auto _ : state) {
    for (const std::string_view json : GeneratedRecords().records) {
      if (!parser.Parse(json, record, error)) state.SkipWithError(error.expected.c_str());
    }
    benchmark::DoNotOptimize(record);
  }
  SetRates(state);
}
BENCHMARK(BM_Parse);

}  // namespace
}  // namespace clientele

BENCHMARK_MAIN();
