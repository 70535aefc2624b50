#include "bench/generated_set.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>

#include <sys/resource.h>

#include "index/live_row.h"
#include "index/parallel.h"
#include "index/segment.h"
#include "index/segment_builder.h"
#include "loader/generator.h"
#include "loader/record_parser.h"

namespace clientele {
namespace {

constexpr std::uint64_t kClientsPerBatch = 4096;
constexpr std::uint64_t kRecordBytesMax = 4'096;  // Encoded; they take some 170.

void AppendGenerated(const Generator& generator, std::uint64_t first, std::uint64_t last, SegmentBatch& batch) {
  thread_local RecordParser parser;
  thread_local std::string line;
  ClientRecord record;
  RecordError error;
  for (std::uint64_t i = first; i < last; ++i) {
    line.clear();
    generator.AppendClient(i, line);
    const std::size_t length = line.size();
    line.append(RecordParser::kPadding, '\0');
    if (!parser.Parse(std::string_view(line).substr(0, length), record, error))
      throw std::runtime_error("the generator made a bad record");
    batch.Append(record);
  }
}

// The program's memory now and at its most: "1234 MB, most 2345 MB".
std::string ResidentMemory() {
  std::ifstream status("/proc/self/status");
  long now = 0, most = 0;
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) now = std::strtol(line.c_str() + 6, nullptr, 10);
    if (line.starts_with("VmHWM:")) most = std::strtol(line.c_str() + 6, nullptr, 10);
  }
  return std::to_string(now / 1000) + " MB, most " + std::to_string(most / 1000) + " MB";
}

// Of all threads so far, in user and kernel mode.
double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// Every `step`th client from `first` on.
std::vector<std::uint64_t> EveryNth(std::uint64_t first, std::uint64_t step, std::uint64_t clients) {
  std::vector<std::uint64_t> indices;
  for (std::uint64_t i = first; i < clients; i += step) indices.push_back(i);
  return indices;
}

}  // namespace

std::unique_ptr<const CurrentVersion> SplitGenerated(std::uint64_t seed, std::uint64_t clients) {
  constexpr std::uint64_t kSmallSegments = 4, kStep = 128, kLiveRows = 4'096;
  // All segments of a set share them: with copies of their own, texts would be in the caches several times, or not at all.
  const std::shared_ptr<RecordDictionaries> dictionaries = NewRecordDictionaries();
  const Snapshot whole = SealGenerated(seed, clients, dictionaries);
  const std::shared_ptr<const Segment>& large = OnlySegment(whole);
  const Generator generator(seed, clients);
  std::vector<std::uint32_t> moved;
  std::vector<SegmentView> views(1);
  const auto move = [&](std::uint64_t client, SegmentBatch& batch) { AppendGenerated(generator, client, client + 1, batch); };
  for (std::uint64_t small = 0; small < kSmallSegments; ++small) {
    SegmentBuilder builder(dictionaries);
    SegmentBatch batch(builder.shared());
    for (const std::uint64_t client : EveryNth(small, kStep, clients)) move(client, batch);
    builder.Add(0, std::move(batch));
    views.push_back({.segment = std::move(builder).Seal().segment, .tombstones = nullptr});
    for (std::uint32_t row = 0; row < views.back().segment->row_count(); ++row)
      moved.push_back(large->RowOf(views.back().segment->ClientId(row)).value());
  }
  auto live = std::make_shared<LiveTable>(2 * kLiveRows, dictionaries);
  LiveRowMaker maker(dictionaries);
  RecordParser parser;
  ClientRecord record;
  RecordError error;
  std::string line;
  const std::uint64_t live_step = std::max<std::uint64_t>(1, clients / kLiveRows / kStep) * kStep;
  for (const std::uint64_t client : EveryNth(kSmallSegments, live_step, clients)) {
    line.clear();
    generator.AppendClient(client, line);
    const std::size_t length = line.size();
    line.append(RecordParser::kPadding, '\0');
    if (!parser.Parse(std::string_view(line).substr(0, length), record, error))
      throw std::runtime_error("the generator made a bad record");
    moved.push_back(large->RowOf(record.id()).value());
    live->Insert(maker.Make(record));
  }
  views[0] = {.segment = large, .tombstones = Tombstones::None(*large)->With(*large, moved)};
  std::fprintf(stderr, "%zu clients moved to %zu small segments and %u live rows\n", moved.size(), views.size() - 1,
               live->size());
  return std::make_unique<const CurrentVersion>(std::make_shared<const SealedVersion>(std::move(views)), std::move(live));
}

Snapshot SealGenerated(std::uint64_t seed, std::uint64_t clients, const std::shared_ptr<RecordDictionaries>& dictionaries) {
  const auto start = std::chrono::steady_clock::now();
  const auto seconds = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(); };
  const Generator generator(seed, clients);
  SegmentBuilder builder(dictionaries, clients * kRecordBytesMax);
  ParallelFor((clients + kClientsPerBatch - 1) / kClientsPerBatch, [&](std::size_t batch_number) {
    SegmentBatch batch(builder.shared());
    const std::uint64_t first = batch_number * kClientsPerBatch;
    AppendGenerated(generator, first, std::min(clients, first + kClientsPerBatch), batch);
    builder.Add(batch_number, std::move(batch));
  });
  const double read = seconds();
  double phase_start = read, cpu_start = CpuSeconds();
  std::string phase;
  SealResult sealed = std::move(builder).Seal([&](std::string_view next, double) {
    if (!phase.empty())
      std::fprintf(stderr, "  %-20s %6.2f s, CPU %6.2f s  %s\n", phase.c_str(), seconds() - phase_start, CpuSeconds() - cpu_start,
                   ResidentMemory().c_str());
    phase = next;
    phase_start = seconds();
    cpu_start = CpuSeconds();
  });
  std::uint64_t hot = 0, total = 0;
  for (const PartBytes& part : sealed.segment->Ledger()) {
    total += part.bytes;
    hot += part.hot ? part.bytes : 0;
  }
  const auto rows = static_cast<double>(sealed.segment->row_count());
  std::fprintf(stderr, "%u clients: generated and read in %.2f s, sealed in %.2f s; %.0f bytes a client, %.0f of them hot\n",
               sealed.segment->row_count(), read, seconds() - read, static_cast<double>(total) / rows,
               static_cast<double>(hot) / rows);
  return SnapshotOf(std::move(sealed.segment));
}

}  // namespace clientele
