// What does each class of list query cost, from decoded parameters to the rendered page? One request after the other by one
// client; every query has parameters of its own and nothing is reused between them.
//
//   bench_list_queries [--clients=1000000] [--seed=1] [--queries=400] [--threads=1] [--http=127.0.0.1:8080] [--urls=N]
//                      [--slowest=N] [--snapshot=FOLDER [--verify=lazy]] [--split=1|compare [--turns=3]]
//
// In process it generates and seals the set itself; with --http it asks a server that serves `clientele generate` output of the
// same seed and number of clients, and with --snapshot it opens what `clientele load --out` made of such output. --urls prints N
// request paths of the HTTP mix, full and with seven fields, and exits. --split=1 asks the clients as updates leave them, in one
// large segment, four small ones and live rows; --split=compare asks the same clients in one segment and so, by turns: only such
// ratios mean something on a machine whose speed changes.
// --slowest shows the N slowest queries of each class behind its figures: where a tail comes from.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include "bench/generated_set.h"
#include "bench/http_client.h"
#include "bench/query_classes.h"
#include "engine/execute.h"
#include "index/segment.h"
#include "index/snapshot_directory.h"
#include "loader/allocator_tuning.h"

namespace clientele {
namespace {

struct Settings {
  std::uint64_t clients = 1'000'000, seed = 1, queries = 400, urls = 0, slowest = 0, turns = 3;
  std::uint32_t threads = 1;
  std::string http, snapshot, verify;
  std::string split;  // "1" or "compare".
};

constexpr std::size_t kSampleSize = 20'000;
constexpr std::size_t kStreamBytes = 256 * 1024;

// Answers requests one way or the other; both return the number of matches.
class Target {
 public:
  virtual ~Target() = default;
  virtual std::uint64_t Count(const std::vector<Parameter>& parameters) = 0;
  virtual void Ask(const std::vector<Parameter>& parameters) = 0;              // A page; its bytes are made and dropped.
  virtual std::uint64_t Stream(const std::vector<Parameter>& parameters) = 0;  // Everything; returns the rows.
  virtual std::string Explained(const std::vector<Parameter>&) { return ""; }
};

Query MustParse(const std::vector<Parameter>& parameters) {
  auto parsed = ParseQuery(parameters);
  if (auto* query = std::get_if<Query>(&parsed)) return std::move(*query);
  std::fprintf(stderr, "bad parameters: %s\n", EncodeQueryString(parameters).c_str());
  std::exit(1);
}

class InProcess final : public Target {
 public:
  InProcess(Snapshot snapshot, std::uint32_t threads) : snapshot_(std::move(snapshot)) { options_.threads = threads; }
  InProcess(std::unique_ptr<const CurrentVersion> version, std::uint32_t threads) : version_(std::move(version)) {
    options_.threads = threads;
  }

  std::uint64_t Count(const std::vector<Parameter>& parameters) override {
    Query query = MustParse(parameters);
    query.limit = 0;
    return ExecutePage(Taken(query), query, options_)->count;
  }
  void Ask(const std::vector<Parameter>& parameters) override {
    const Query query = MustParse(parameters);
    const Snapshot snapshot = Taken(query);
    const auto page = ExecutePage(snapshot, query, options_);
    body_.clear();
    RenderRows(snapshot, page->rows, query.fields, ",", body_);
    benchmark::DoNotOptimize(body_.data());
  }
  std::uint64_t Stream(const std::vector<Parameter>& parameters) override {
    const Query query = MustParse(parameters);
    const Snapshot snapshot = Taken(query);
    const auto stream = RowStream::Open(snapshot, query, options_);
    std::uint64_t total = 0;
    std::uint32_t rows[256];
    body_.clear();
    while (const std::size_t count = (*stream)->Next(rows)) {
      total += count;
      RenderRows(snapshot, {rows, count}, query.fields, ",", body_);
      if (body_.size() >= kStreamBytes) body_.clear();  // Where a server would send it.
    }
    return total;
  }
  std::string Explained(const std::vector<Parameter>& parameters) override {
    Explain explain;
    ExecuteOptions options = options_;
    options.explain = &explain;
    const Query query = MustParse(parameters);
    if (!ExecutePage(Taken(query), query, options).ok()) return "";
    return ExplainText(explain);
  }

 private:
  // Taking the version is part of what a query of a live set costs.
  Snapshot Taken(const Query& query) const { return version_ != nullptr ? version_->Take(query) : snapshot_; }

  const Snapshot snapshot_;
  const std::unique_ptr<const CurrentVersion> version_;
  ExecuteOptions options_;
  std::string body_;
};

class OverHttp final : public Target {
 public:
  explicit OverHttp(const std::string& address) : client_(address) {}
  std::uint64_t Count(const std::vector<Parameter>& parameters) override {
    std::vector<Parameter> count_only = parameters;
    std::erase_if(count_only, [](const Parameter& p) { return p.first == "limit" || p.first == "offset"; });
    count_only.emplace_back("limit", "0");
    return CountMember(client_.Get("/clients?" + EncodeQueryString(count_only)));
  }
  void Ask(const std::vector<Parameter>& parameters) override { client_.Get("/clients?" + EncodeQueryString(parameters)); }
  std::uint64_t Stream(const std::vector<Parameter>& parameters) override {
    return client_.CountStreamedObjects("/clients?" + EncodeQueryString(parameters));
  }

 private:
  HttpClient client_;
};

double Percentile(std::vector<double>& values, double share) {
  const auto index = static_cast<std::size_t>(share * static_cast<double>(values.size() - 1) + 0.5);
  std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(index));
  return values[index];
}

// What a query took of the thread that asks it, to tell work from waiting: a query that is slow with little CPU time was not
// running.
struct ThreadUse {
  double cpu_milliseconds = 0;
  long page_faults = 0, preemptions = 0;

  static ThreadUse Now() {
    rusage use{};
    getrusage(RUSAGE_THREAD, &use);
    timespec cpu{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &cpu);
    return {static_cast<double>(cpu.tv_sec) * 1e3 + static_cast<double>(cpu.tv_nsec) / 1e6, use.ru_minflt + use.ru_majflt,
            use.ru_nivcsw};
  }
  friend ThreadUse operator-(const ThreadUse& a, const ThreadUse& b) {
    return {a.cpu_milliseconds - b.cpu_milliseconds, a.page_faults - b.page_faults, a.preemptions - b.preemptions};
  }
};

struct TimedQuery {
  double milliseconds;
  ThreadUse use;
  std::vector<Parameter> parameters;
};

void PrintSlowest(std::vector<TimedQuery>& queries, std::uint64_t count, Target& target) {
  std::ranges::sort(queries, std::ranges::greater(), &TimedQuery::milliseconds);
  for (std::size_t i = 0; i < std::min<std::size_t>(queries.size(), count); ++i) {
    const TimedQuery& slow = queries[i];
    std::fprintf(stderr, "%8.3f ms, %.3f of CPU, %ld page faults, %ld preemptions  %s\n%s\n", slow.milliseconds,
                 slow.use.cpu_milliseconds, slow.use.page_faults, slow.use.preemptions,
                 EncodeQueryString(slow.parameters).c_str(), target.Explained(slow.parameters).c_str());
  }
}

// One iteration is one query; only the answering is timed, never the drawing of parameters.
void RunClass(benchmark::State& state, const QueryClass& query_class, Target& target, const ClientSample& sample,
              const Settings& settings) {
  std::mt19937_64 random(settings.seed);
  const QueryClass::CountOf count_of = [&](const std::vector<Parameter>& parameters) { return target.Count(parameters); };
  std::vector<double> milliseconds;
  std::vector<TimedQuery> timed;
  std::uint64_t rows = 0;
  double total_seconds = 0;
  for (auto _ : state) {
    const std::vector<Parameter> parameters = query_class.draw(sample, random, count_of);
    const ThreadUse use_before = settings.slowest > 0 ? ThreadUse::Now() : ThreadUse{};
    const auto start = std::chrono::steady_clock::now();
    if (query_class.stream)
      rows += target.Stream(parameters);
    else
      target.Ask(parameters);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    state.SetIterationTime(seconds);
    total_seconds += seconds;
    milliseconds.push_back(seconds * 1e3);
    if (settings.slowest > 0) timed.push_back({seconds * 1e3, ThreadUse::Now() - use_before, parameters});
  }
  state.counters["p50_ms"] = Percentile(milliseconds, 0.50);
  state.counters["p99_ms"] = Percentile(milliseconds, 0.99);
  if (query_class.stream) state.counters["rows_per_s"] = static_cast<double>(rows) / total_seconds;
  state.SetLabel(query_class.description);
  PrintSlowest(timed, settings.slowest, target);
}

void PrintUrls(const Settings& settings, Target& target, const ClientSample& sample) {
  std::mt19937_64 random(settings.seed + 7);
  const QueryClass::CountOf count_of = [&](const std::vector<Parameter>& parameters) { return target.Count(parameters); };
  std::vector<const QueryClass*> mix;
  for (const QueryClass& query_class : QueryClasses()) {
    if (query_class.in_mix) mix.push_back(&query_class);
  }
  for (std::uint64_t i = 0; i < settings.urls; ++i) {
    std::printf("/clients?%s\n", EncodeQueryString(mix[i % mix.size()]->draw(sample, random, count_of)).c_str());
  }
}

bool ReadFlag(const char* argument, const char* name, std::string& value) {
  const std::size_t length = std::strlen(name);
  if (std::strncmp(argument, name, length) != 0 || argument[length] != '=') return false;
  value = argument + length + 1;
  return true;
}

Settings ReadSettings(int argc, char** argv) {
  Settings settings;
  for (int i = 1; i < argc; ++i) {
    std::string value;
    if (ReadFlag(argv[i], "--clients", value))
      settings.clients = std::stoull(value);
    else if (ReadFlag(argv[i], "--seed", value))
      settings.seed = std::stoull(value);
    else if (ReadFlag(argv[i], "--queries", value))
      settings.queries = std::stoull(value);
    else if (ReadFlag(argv[i], "--urls", value))
      settings.urls = std::stoull(value);
    else if (ReadFlag(argv[i], "--slowest", value))
      settings.slowest = std::stoull(value);
    else if (ReadFlag(argv[i], "--threads", value))
      settings.threads = static_cast<std::uint32_t>(std::stoul(value));
    else if (ReadFlag(argv[i], "--turns", value))
      settings.turns = std::stoull(value);
    else if (ReadFlag(argv[i], "--split", value))
      settings.split = value;
    else if (!ReadFlag(argv[i], "--http", settings.http) && !ReadFlag(argv[i], "--snapshot", settings.snapshot) &&
             !ReadFlag(argv[i], "--verify", settings.verify)) {
      std::fprintf(stderr,
                   "unknown argument %s; known: --clients= --seed= --queries= --threads= --http= --urls= --slowest= "
                   "--split=1|compare --turns= --snapshot= "
                   "--verify= and "
                   "--benchmark_*\n",
                   argv[i]);
      std::exit(2);
    }
  }
  return settings;
}

Snapshot OpenOrExit(const Settings& settings) {
  const auto start = std::chrono::steady_clock::now();
  const auto opened = OpenSnapshot(settings.snapshot, {.verify = settings.verify == "lazy" ? Verify::kLazy : Verify::kFull});
  if (!opened.ok()) {
    std::fprintf(stderr, "%s\n", opened.status().ToString().c_str());
    std::exit(1);
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::fprintf(stderr, "%u clients: opened in %.3f s\n", opened->segment->row_count(), seconds);
  return SnapshotOf(opened->segment);
}

std::unique_ptr<Target> MakeTarget(const Settings& settings) {
  if (!settings.http.empty()) return std::make_unique<OverHttp>(settings.http);
  if (!settings.snapshot.empty()) return std::make_unique<InProcess>(OpenOrExit(settings), settings.threads);
  if (settings.split == "1")
    return std::make_unique<InProcess>(SplitGenerated(settings.seed, settings.clients), settings.threads);
  return std::make_unique<InProcess>(SealGenerated(settings.seed, settings.clients), settings.threads);
}

void Register(const std::string& name, const QueryClass& query_class, Target& target, const ClientSample& sample,
              const Settings& settings) {
  const std::uint64_t queries = query_class.stream ? std::min<std::uint64_t>(settings.queries, 10) : settings.queries;
  benchmark::RegisterBenchmark(name.c_str(),
                               [&](benchmark::State& state) { RunClass(state, query_class, target, sample, settings); })
      ->Iterations(static_cast<benchmark::IterationCount>(queries))
      ->UseManualTime()
      ->Unit(benchmark::kMillisecond);
}

// One segment and the split set by turns, several times: the least p50 of each is what to compare. Both are sets that are
// written to; the one segment is beside an empty live table.
void RunCompared(const ClientSample& sample, const Settings& settings) {
  std::unique_ptr<const CurrentVersion> version = SplitGenerated(settings.seed, settings.clients);
  const Snapshot one = SnapshotOf(version->sealed()->segments().front().segment);
  InProcess whole(std::make_unique<const CurrentVersion>(one.sealed, std::make_shared<LiveTable>(1, NewRecordDictionaries()),
                                                         std::make_shared<LiveTable>(1, NewRecordDictionaries())),
                  settings.threads);
  InProcess split(std::move(version), settings.threads);
  for (const QueryClass& query_class : QueryClasses()) {
    for (std::uint64_t turn = 0; turn < settings.turns; ++turn) {
      Register(query_class.name + "/whole", query_class, whole, sample, settings);
      Register(query_class.name + "/split", query_class, split, sample, settings);
    }
  }
  benchmark::RunSpecifiedBenchmarks();
}

int Main(int argc, char** argv) {
  TuneAllocatorForLoading();
  benchmark::Initialize(&argc, argv);
  const Settings settings = ReadSettings(argc, argv);
  const ClientSample sample = DrawSample(settings.seed, settings.clients, kSampleSize);
  if (settings.split == "compare") {
    RunCompared(sample, settings);
    return 0;
  }
  const std::unique_ptr<Target> target = MakeTarget(settings);
  if (settings.urls > 0) {
    PrintUrls(settings, *target, sample);
    return 0;
  }
  for (const QueryClass& query_class : QueryClasses()) {
    Register(query_class.name, query_class, *target, sample, settings);
  }
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

}  // namespace
}  // namespace clientele

int main(int argc, char** argv) {
  return clientele::Main(argc, argv);
}
