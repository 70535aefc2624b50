// bench/loader/record_splitter_bench.cpp: one thread reads, decompresses and cuts the input while all others parse. How many
// bytes a second does that leave room for, by format? It must be several times what the parsing cores eat together.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include <benchmark/benchmark.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "loader/generator.h"
#include "loader/record_splitter.h"

namespace clientele {
namespace {

constexpr std::uint64_t kRecords = 20'000;  // Some 33 MB.

enum Format { kLines, kArray, kGzip, kZstd, kTable };

// Half of its cells in quotes.
std::string TableRow(std::uint64_t id) {
  return std::to_string(id + 1) + ",\"client" + std::to_string(id) +
         "@mail.example\",active,\"Company, of course\",2024-05-06T07:08:09Z\n";
}

// A file in the page cache that is already unlinked: only the descriptor's path names it.
class InputOf {
 public:
  explicit InputOf(Format format) {
    const Generator generator(7, kRecords);
    std::string text = format == kArray ? "[" : "";
    if (format == kTable) text = "id,email,status,companyName,created_at\n";
    for (std::uint64_t i = 0; i < kRecords; ++i) {
      format == kTable ? text.append(TableRow(i)) : (generator.AppendClient(i, text), text);
      if (format == kArray) text.back() = i + 1 == kRecords ? ']' : ',';
    }
    size_ = text.size();
    char name[] = "/tmp/clientele-bench-XXXXXX";
    descriptor_ = mkstemp(name);
    unlink(name);
    path_ = "/proc/self/fd/" + std::to_string(descriptor_);
    if (format == kGzip) {
      const gzFile file = gzopen(path_.c_str(), "wb1");
      gzwrite(file, text.data(), static_cast<unsigned>(text.size()));
      gzclose(file);
    } else if (format == kZstd) {
      std::string compressed(ZSTD_compressBound(text.size()), '\0');
      compressed.resize(ZSTD_compress(compressed.data(), compressed.size(), text.data(), text.size(), 3));
      std::ofstream(path_, std::ios::binary) << compressed;
    } else {
      std::ofstream(path_, std::ios::binary) << text;
    }
  }
  ~InputOf() { close(descriptor_); }
  InputOf(const InputOf&) = delete;

  const std::string& path() const { return path_; }
  std::size_t size() const { return size_; }  // Decompressed.

 private:
  int descriptor_;
  std::string path_;
  std::size_t size_;
};

void BM_Split(benchmark::State& state) {
  const InputOf input(static_cast<Format>(state.range(0)));
  Block block;
  for (auto _ : state) {
    auto file = InputFile::Open(input.path());
    RecordSplitter splitter(*std::move(file), SplitLimits{});
    while (*splitter.Next(block)) benchmark::DoNotOptimize(block.size);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(input.size()));
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kRecords));
}
BENCHMARK(BM_Split)->ArgName("lines0_array1_gzip2_zstd3_table4")->DenseRange(kLines, kTable);

}  // namespace
}  // namespace clientele

BENCHMARK_MAIN();
