// What do list queries cost while a live set is written, compared with the same set at rest? One thread asks queries of all
// classes (bench/query_classes.h) in turn; idle periods and periods of writing alternate, so that a host whose speed drifts does
// so for both.
//
//   lists_under_writes --folder=/tmp/set --clients=1000000 --rate=10000 --batch=1 --writers=64      single writes
//   lists_under_writes --folder=/tmp/set --clients=1000000 --rate=10000 --batch=200 --writers=2     small bulks
//   lists_under_writes --http=127.0.0.1:8080 --clients=1000000 ...     the same against a server that serves such a set
//
// The folder is made when it is missing, and is a live set afterwards. Writes are durable, and put records of random clients of
// the set. Beside the time of the slowest queries stands what the asking thread did in it: ran, was ready but had no core (by the
// kernel's schedstat), or slept, for a lock, say; over HTTP that is the client, which sleeps for the server. In process, the
// longest sleep is the longest pause that the set is to blame for, also on a machine that has other work.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include <fcntl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "bench/generated_set.h"
#include "bench/http_client.h"
#include "bench/paced_writers.h"
#include "bench/query_classes.h"
#include "engine/client_set.h"
#include "engine/execute.h"
#include "index/snapshot_directory.h"
#include "loader/allocator_tuning.h"
#include "loader/json_record_reader.h"

namespace clientele {
namespace {

using Clock = std::chrono::steady_clock;

struct Settings {
  std::string folder, http;
  std::uint64_t clients = 1'000'000, seed = 1, turns = 3, slowest = 5;
  double seconds = 5, think_ms = 0;  // Of a period; between two queries.
  PaceOptions pace;
};

constexpr std::size_t kSampleSize = 20'000;
constexpr auto kWarmUp = std::chrono::milliseconds(500);  // Of each period, not counted.

// What the asking thread has used so far.
struct Usage {
  double cpu_ms = 0, ready_ms = 0;  // `ready`: without a core.
  long waits = 0, faults = 0;

  static Usage Now() {
    static const int schedstat = open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC);  // Of the thread that opens it.
    char text[96] = {};
    unsigned long long ready_ns = 0;
    if (schedstat >= 0 && pread(schedstat, text, sizeof(text) - 1, 0) > 0) std::sscanf(text, "%*u %llu", &ready_ns);
    timespec cpu{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &cpu);
    rusage usage{};
    getrusage(RUSAGE_THREAD, &usage);
    return {.cpu_ms = static_cast<double>(cpu.tv_sec) * 1e3 + static_cast<double>(cpu.tv_nsec) * 1e-6,
            .ready_ms = static_cast<double>(ready_ns) * 1e-6,
            .waits = usage.ru_nvcsw,
            .faults = usage.ru_minflt + usage.ru_majflt};
  }
  Usage Since(const Usage& before) const {
    return {cpu_ms - before.cpu_ms, ready_ms - before.ready_ms, waits - before.waits, faults - before.faults};
  }
};

struct Asked {
  std::size_t query_class = 0;
  double ms = 0;
  Usage usage;

  double slept_ms() const { return std::max(0.0, ms - usage.cpu_ms - usage.ready_ms); }
};

// The set, in this process or behind a server.
class Target {
 public:
  virtual ~Target() = default;
  virtual std::uint64_t Count(const std::vector<Parameter>& parameters) = 0;
  virtual void Ask(const std::vector<Parameter>& parameters) = 0;  // A page; its bytes are made and dropped.
  virtual WriteRecords NewWriter() = 0;
  virtual std::string State() { return ""; }
};

[[noreturn]] void Fail(const std::string& what) {
  std::fprintf(stderr, "%s\n", what.c_str());
  std::exit(1);
}

class InProcess final : public Target {
 public:
  explicit InProcess(const Settings& settings) {
    if (!std::filesystem::exists(settings.folder)) {
      const Snapshot whole = SealGenerated(settings.seed, settings.clients);
      if (const auto saved = SaveSnapshot(*OnlySegment(whole), settings.folder); !saved.ok()) Fail(saved.status().ToString());
    }
    ClientSetOptions options;
    options.new_reader = NewJsonRecordReader;
    auto opened = ClientSet::Open(settings.folder, std::move(options));
    if (!opened.ok()) Fail(opened.status().ToString());
    set_ = *std::move(opened);
  }

  std::uint64_t Count(const std::vector<Parameter>& parameters) override {
    Query query = Parsed(parameters);
    query.limit = 0;
    return ExecutePage(set_->Take(query), query)->count;
  }
  void Ask(const std::vector<Parameter>& parameters) override {
    const Query query = Parsed(parameters);
    const Snapshot snapshot = set_->Take(query);
    const auto page = ExecutePage(snapshot, query);
    body_.clear();
    RenderRows(snapshot, page->rows, query.fields, ",", body_);
  }
  WriteRecords NewWriter() override {
    return [this](const std::vector<std::string>& records) {
      WriteBatch batch;
      batch.want_versions = records.size() == 1;  // As the server asks for them.
      for (const std::string& record : records) {
        batch.writes.push_back({.kind = WriteKind::kPut, .id = {}, .json = record, .precondition = {}});
      }
      const auto reply = set_->Commit(std::move(batch));
      if (!reply.ok()) Fail(reply.status().ToString());
      for (const WriteResult& result : reply->results) {
        if (IsRefused(result.code)) Fail("a record was refused");
      }
    };
  }
  std::string State() override {
    const ClientSetFigures figures = set_->figures();
    char text[160];
    std::snprintf(text, sizeof(text), "%lu segments, %lu live rows, %lu dead rows, %lu merges of %lu rows, %lu rows of log",
                  figures.segments, figures.live_rows, figures.dead_rows, figures.maintenance.merges,
                  figures.maintenance.merged_rows, figures.log.log_rows);
    return text;
  }

 private:
  static Query Parsed(const std::vector<Parameter>& parameters) {
    auto parsed = ParseQuery(parameters);
    if (auto* query = std::get_if<Query>(&parsed)) return std::move(*query);
    Fail("bad parameters: " + EncodeQueryString(parameters));
  }

  std::unique_ptr<ClientSet> set_;
  std::string body_;
};

class OverHttp final : public Target {
 public:
  explicit OverHttp(const std::string& address) : address_(address), client_(address) {}
  std::uint64_t Count(const std::vector<Parameter>& parameters) override {
    std::vector<Parameter> count_only = parameters;
    std::erase_if(count_only, [](const Parameter& p) { return p.first == "limit" || p.first == "offset"; });
    count_only.emplace_back("limit", "0");
    return CountMember(client_.Get("/clients?" + EncodeQueryString(count_only)));
  }
  void Ask(const std::vector<Parameter>& parameters) override { client_.Get("/clients?" + EncodeQueryString(parameters)); }
  WriteRecords NewWriter() override {
    return [client = std::make_shared<HttpClient>(address_)](const std::vector<std::string>& records) {
      if (records.size() == 1) {
        const std::size_t begin = records[0].find(':') + 1;  // Records begin with their id.
        client->Send("PUT", "/clients/" + records[0].substr(begin, records[0].find(',') - begin), "application/json", records[0]);
        return;
      }
      std::string body;
      for (const std::string& record : records) body.append(record).append("\n");
      client->Send("POST", "/clients/bulk", "application/x-ndjson", body);
    };
  }

 private:
  const std::string address_;
  HttpClient client_;
};

// Asks queries of all classes in turn, and keeps what each took.
class Asking {
 public:
  Asking(const Settings& settings, Target& target)
      : settings_(settings), target_(target), sample_(DrawSample(settings.seed, settings.clients, kSampleSize)) {
    for (const QueryClass& query_class : QueryClasses()) {
      if (!query_class.stream) classes_.push_back(&query_class);
    }
  }

  void Ask(std::vector<Asked>& asked) {
    const QueryClass::CountOf count_of = [&](const std::vector<Parameter>& parameters) { return target_.Count(parameters); };
    const auto counted_from = Clock::now() + kWarmUp;
    const auto end = counted_from + std::chrono::duration<double>(settings_.seconds);
    for (std::size_t next = 0; Clock::now() < end; next = (next + 1) % classes_.size()) {
      const std::vector<Parameter> parameters = classes_[next]->draw(sample_, random_, count_of);
      const Usage before = Usage::Now();
      const auto began = Clock::now();
      target_.Ask(parameters);
      const double ms = std::chrono::duration<double, std::milli>(Clock::now() - began).count();
      if (began >= counted_from) asked.push_back({next, ms, Usage::Now().Since(before)});
      if (settings_.think_ms > 0) std::this_thread::sleep_for(std::chrono::duration<double, std::milli>(settings_.think_ms));
    }
  }

  const std::vector<const QueryClass*>& classes() const { return classes_; }

 private:
  const Settings& settings_;
  Target& target_;
  const ClientSample sample_;
  std::mt19937_64 random_{17};
  std::vector<const QueryClass*> classes_;
};

double MillisecondsOf(const Asked& one) {
  return one.ms;
}

template <class Value>
double Percentile(std::span<const Asked> asked, double share, Value value) {
  std::vector<double> values;
  for (const Asked& one : asked) values.push_back(value(one));
  if (values.empty()) return 0;
  const auto index = static_cast<std::size_t>(share * static_cast<double>(values.size() - 1) + 0.5);
  std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(index));
  return values[index];
}

void PrintLine(const char* name, std::span<const Asked> idle, std::span<const Asked> written) {
  const auto ms = &MillisecondsOf;
  const auto cpu = [](const Asked& one) { return one.usage.cpu_ms; };
  const double idle_p50 = Percentile(idle, 0.5, ms), p50 = Percentile(written, 0.5, ms);
  const double idle_p99 = Percentile(idle, 0.99, ms), p99 = Percentile(written, 0.99, ms);
  std::printf("%-4s %7zu %7zu  %7.3f %7.3f %5.2f  %7.3f %7.3f %5.2f  %7.3f %7.3f  %8.2f %8.2f\n", name, idle.size(),
              written.size(), idle_p50, p50, p50 / idle_p50, idle_p99, p99, p99 / idle_p99, Percentile(idle, 0.5, cpu),
              Percentile(written, 0.5, cpu), Percentile(idle, 1, ms), Percentile(written, 1, ms));
}

void PrintFigures(const Asking& asking, const std::vector<Asked>& idle, const std::vector<Asked>& written) {
  std::printf("             queries          p50, ms            p99, ms        p50 of CPU, ms      longest, ms\n");
  std::printf("        idle written     idle written ratio     idle written ratio     idle written     idle  written\n");
  for (std::size_t i = 0; i < asking.classes().size(); ++i) {
    const auto of_class = [&](const std::vector<Asked>& asked) {
      std::vector<Asked> own;
      std::ranges::copy_if(asked, std::back_inserter(own), [&](const Asked& one) { return one.query_class == i; });
      return own;
    };
    PrintLine(asking.classes()[i]->name.c_str(), of_class(idle), of_class(written));
  }
  PrintLine("all", idle, written);
}

template <class Value>
void PrintMost(const Asking& asking, std::vector<Asked> asked, std::uint64_t count, const char* what, Value value) {
  std::ranges::sort(asked, std::ranges::greater(), value);
  for (std::size_t i = 0; i < std::min<std::size_t>(count, asked.size()); ++i) {
    const Asked& one = asked[i];
    std::printf("%s: %-4s %8.2f ms: ran %7.2f, ready %7.2f, slept %7.2f in %ld waits; %ld page faults\n", what,
                asking.classes()[one.query_class]->name.c_str(), one.ms, one.usage.cpu_ms, one.usage.ready_ms, one.slept_ms(),
                one.usage.waits, one.usage.faults);
  }
}

Settings ReadSettings(int argc, char** argv) {
  Settings settings;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    const std::size_t equals = argument.find('=');
    const std::string name = argument.substr(0, equals), value = equals == std::string::npos ? "" : argument.substr(equals + 1);
    if (name == "--folder") {
      settings.folder = value;
    } else if (name == "--http") {
      settings.http = value;
    } else if (name == "--clients") {
      settings.clients = std::stoull(value);
    } else if (name == "--seed") {
      settings.seed = std::stoull(value);
    } else if (name == "--turns") {
      settings.turns = std::stoull(value);
    } else if (name == "--seconds") {
      settings.seconds = std::stod(value);
    } else if (name == "--think_ms") {
      settings.think_ms = std::stod(value);
    } else if (name == "--slowest") {
      settings.slowest = std::stoull(value);
    } else if (name == "--rate") {
      settings.pace.records_per_second = std::stoull(value);
    } else if (name == "--batch") {
      settings.pace.batch = std::stoull(value);
    } else if (name == "--writers") {
      settings.pace.threads = std::stoull(value);
    } else {
      Fail(
          "unknown argument " + argument +
          "; known: --folder= --http= --clients= --seed= --turns= --seconds= --think_ms= --slowest= --rate= --batch= --writers=");
    }
  }
  if (settings.folder.empty() == settings.http.empty()) Fail("expected one of --folder= and --http=");
  return settings;
}

int Main(int argc, char** argv) {
  TuneAllocatorForLoading();
  const Settings settings = ReadSettings(argc, argv);
  std::unique_ptr<Target> target;
  if (settings.http.empty())
    target = std::make_unique<InProcess>(settings);
  else
    target = std::make_unique<OverHttp>(settings.http);
  Asking asking(settings, *target);
  std::vector<Asked> idle, written;
  std::uint64_t records = 0;
  double seconds = 0, slowest_ms = 0;
  for (std::uint64_t turn = 0; turn < settings.turns; ++turn) {
    asking.Ask(idle);
    PacedWriters writers(settings.pace, settings.seed, settings.clients, [&] { return target->NewWriter(); });
    const auto began = Clock::now();
    asking.Ask(written);
    seconds += std::chrono::duration<double>(Clock::now() - began).count();
    records += writers.written();
    slowest_ms = std::max(slowest_ms, writers.slowest_ms());
    std::printf("turn %lu: p50 %.3f ms idle, %.3f ms written so far\n", turn + 1, Percentile(idle, 0.5, &MillisecondsOf),
                Percentile(written, 0.5, &MillisecondsOf));
    if (const std::string state = target->State(); !state.empty()) std::printf("%s\n", state.c_str());
  }
  PrintFigures(asking, idle, written);
  for (const auto& [asked, slowest, sleepers] : {std::tuple(&idle, "slowest idle", "longest sleep idle"),
                                                 std::tuple(&written, "slowest written", "longest sleep written")}) {
    PrintMost(asking, *asked, settings.slowest, slowest, [](const Asked& one) { return one.ms; });
    PrintMost(asking, *asked, settings.slowest, sleepers, [](const Asked& one) { return one.slept_ms(); });
  }
  std::printf("%.0f records written a second, in batches of %zu by %zu threads; slowest acknowledged in %.1f ms\n",
              static_cast<double>(records) / seconds, settings.pace.batch, settings.pace.threads, slowest_ms);
  return 0;
}

}  // namespace
}  // namespace clientele

int main(int argc, char** argv) {
  return clientele::Main(argc, argv);
}
