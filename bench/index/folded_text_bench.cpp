// bench/index/folded_text_bench.cpp: what does a contains search cost over 10 million emails and 3 million company names, by the
// kind of needle? One core. A fresh needle per search; `matches` and `blocks` are means of items found and blocks scanned.
#include <bit>
#include <map>

#include <benchmark/benchmark.h>

#include "bench/index/sample_texts.h"
#include "index/folded_text.h"
#include "index/text_sort.h"

namespace clientele {
namespace {

constexpr std::uint64_t kSeed = 7;

struct Column {
  TextPool texts;
  FoldedText folded;
};

// Texts sorted and made distinct, as the segment stores repeating values.
TextPool SortedDistinct(const TextPool& texts) {
  const SortedTexts sorted = SortTexts(texts.size(), [&](std::uint32_t i) { return texts[i]; });
  TextPool distinct;
  for (std::uint32_t p = 0; p < texts.size(); ++p) {
    if (sorted.StartsGroup(p)) distinct.Add(texts[sorted.order[p]]);
  }
  return distinct;
}

TextPool MakeTexts(const std::string& name, std::uint32_t count) {
  SampleTexts samples(kSeed);
  TextPool texts;
  if (name == "emails") {
    for (std::uint32_t i = 0; i < count; ++i) texts.Add(samples.Email());
    return SortedDistinct(texts);
  }
  if (name == "emails_unsorted") {
    for (std::uint32_t i = 0; i < count; ++i) texts.Add(samples.Email());
    return texts;
  }
  if (name == "companies") {
    for (std::uint32_t i = 0; i < count; ++i) texts.Add(samples.Company());
    return SortedDistinct(texts);
  }
  if (name == "users") {
    for (std::uint32_t i = 0; i < count; ++i) {
      std::string joined = samples.Email();
      while (samples.Chance(45)) joined += kValueSeparator + samples.Email();
      texts.Add(joined);
    }
    return texts;
  }
  for (std::uint32_t i = 0; i < count; ++i)
    texts.Add(samples.Chance(10) ? "cdn." + samples.Email().substr(8) : std::string());  // hostnames
  return texts;
}

const Column& TheColumn(const std::string& name, std::uint32_t count) {
  static std::map<std::string, Column> columns;
  const auto [at, added] = columns.try_emplace(name);
  if (added) {
    at->second.texts = MakeTexts(name, count);
    at->second.folded = FoldedText::Build(at->second.texts.size(), [&](std::uint32_t i) { return at->second.texts[i]; });
  }
  return at->second;
}

std::uint64_t Search(const FoldedText& text, std::string_view needle, TextSearchStats& stats) {
  std::uint64_t matches = 0;
  text.FindContaining(
      needle, [&](std::uint32_t, std::uint64_t mask) { matches += static_cast<std::uint64_t>(std::popcount(mask)); }, &stats);
  return matches;
}

// Needles of `length` bytes from random places, of which between `least` and `most` items have a match; 0: the whole text.
std::vector<std::string> Needles(const Column& column, std::size_t length, std::uint64_t least, std::uint64_t most,
                                 std::size_t wanted) {
  std::mt19937_64 random(kSeed);
  std::vector<std::string> needles;
  for (int tries = 0; needles.size() < wanted && tries < 2'000; ++tries) {
    const std::string_view text = column.texts[static_cast<std::uint32_t>(random() % column.texts.size())];
    if (text.size() < std::max<std::size_t>(length, 1)) continue;
    const std::string needle(length == 0 ? text : text.substr(random() % (text.size() - length + 1), length));
    if (needle.find(kValueSeparator) != std::string::npos) continue;
    if (most < column.folded.block_count() / 4 && column.folded.EstimateBlocks(needle) == column.folded.block_count()) continue;
    TextSearchStats stats;
    const std::uint64_t matches = length == 0 ? 1 : Search(column.folded, needle, stats);
    if (matches >= least && matches <= most) needles.push_back(needle);
  }
  return needles;
}

void SearchFor(benchmark::State& state, const std::string& name, std::uint32_t count, std::size_t length, std::uint64_t least,
               std::uint64_t most) {
  const Column& column = TheColumn(name, count);
  const std::vector<std::string> needles = Needles(column, length, least, most, 100);
  if (needles.empty()) return state.SkipWithError("no such needles");
  std::size_t next = 0;
  double matches = 0, blocks = 0, bytes = 0;
  for (auto _ : state) {
    TextSearchStats stats;
    matches += static_cast<double>(Search(column.folded, needles[next++ % needles.size()], stats));
    blocks += static_cast<double>(stats.blocks_scanned);
    bytes += static_cast<double>(stats.bytes_scanned);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
  state.counters["matches"] = benchmark::Counter(matches, benchmark::Counter::kAvgIterations);
  state.counters["blocks"] = benchmark::Counter(blocks, benchmark::Counter::kAvgIterations);
  state.counters["needles"] = static_cast<double>(needles.size());
}

void BM_Build(benchmark::State& state, const std::string& name, std::uint32_t count) {
  const Column& column = TheColumn(name, count);
  for (auto _ : state) {
    const FoldedText text = FoldedText::Build(column.texts.size(), [&](std::uint32_t i) { return column.texts[i]; });
    state.counters["text B/item"] = static_cast<double>(text.text_bytes()) / text.size();
    state.counters["signature B/item"] = static_cast<double>(text.signature_bytes()) / text.size();
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(column.texts.bytes()));
}

void Register(const std::string& name, std::uint32_t count) {
  const auto add = [&](const std::string& kind, std::size_t length, std::uint64_t least, std::uint64_t most) {
    benchmark::RegisterBenchmark((name + "/" + kind).c_str(), [=](benchmark::State& state) {
      SearchFor(state, name, count, length, least, most);
    })->Unit(benchmark::kMicrosecond);
  };
  benchmark::RegisterBenchmark((name + "/build").c_str(), [=](benchmark::State& state) { BM_Build(state, name, count); })
      ->Unit(benchmark::kMillisecond)
      ->UseRealTime();
  add("whole_text", 0, 0, UINT64_MAX);
  add("rare_5_letters", 5, 1, 1'000);
  add("rare_4_letters", 4, 1, 1'000);
  add("medium_5_letters", 5, 1'000, 20'000);
  add("common_4_letters", 4, count / 40, count / 10);
  add("two_letters", 2, 1, UINT64_MAX);
  add("one_letter", 1, 1, UINT64_MAX);
}

}  // namespace
}  // namespace clientele

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  clientele::Register("emails", 10'000'000);
  clientele::Register("emails_unsorted", 10'000'000);
  clientele::Register("companies", 6'000'000);
  clientele::Register("users", 10'000'000);
  clientele::Register("hostnames", 10'000'000);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
