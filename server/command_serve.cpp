#include "server/command_serve.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include <absl/strings/str_cat.h>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <sys/resource.h>

#include "index/absl_view.h"
#include "index/segment.h"
#include "server/client_source.h"
#include "server/command_line.h"
#include "server/exit_status.h"
#include "server/listen_address.h"
#include "server/server.h"
#include "server/set_services.h"
#include "server/set_tuning.h"
#include "server/terminal.h"

namespace clientele {

namespace net = boost::asio;

namespace {

constexpr const char* kHelp =
    "Loads client records and answers GET /clients (and /iam/clients) over HTTP/1.1, on all cores.\n"
    "The server listens at once; until the records are loaded, /readyz and lists answer 503.\n"
    "A snapshot ('clientele load ... --out FOLDER') is ready without loading. With --live a folder is\n"
    "served as a live set: clients can be written as well (docs/live.md). It may be new, hold a snapshot,\n"
    "which then becomes a live set, or a live set, for which --live need not be said.\n"
    "Parameters, replies and errors are described in docs/http.md.\n"
    "\n"
    "Examples:\n"
    "  clientele serve clients.ndjson.gz\n"
    "  clientele serve snapshot --verify=lazy\n"
    "  clientele serve snapshot --live\n"
    "  curl -X PATCH -d '{\"status\":\"paused\"}' http://127.0.0.1:8080/clients/17\n"
    "  curl 'http://127.0.0.1:8080/clients?status=active&country_code=US&ordering=-created_at&limit=20'\n"
    "\n"
    "  clientele keys add --file keys.txt --name shop      prints the key, once\n"
    "  clientele serve clients.ndjson --listen 0.0.0.0:8080 --keys keys.txt\n"
    "  curl -H 'Authorization: apikey clt_...' 'http://host:8080/clients?limit=1'\n"
    "\n"
    "SIGTERM or SIGINT lets requests under way finish, a second one cuts them.\n"
    "Exit status: 0 stopped, 2 nothing loaded, wrong usage, or the address cannot be used.\n";

struct ServeFlags {
  SourceFlags source;
  std::string listen = "127.0.0.1:8080";
  std::string keys_path;
  bool live = false;
  ServerOptions options;
};

void Log(const std::string& line) {
  std::fprintf(stderr, "clientele: %s\n", line.c_str());
}

// A connection is a descriptor; the usual soft limit of 1,024 would be the first to run out.
void RaiseDescriptorLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

absl::StatusOr<std::unique_ptr<Server>> StartServer(const ServeFlags& flags) {
  const auto endpoint = ParseListenAddress(flags.listen);
  if (!endpoint.ok()) return endpoint.status();
  std::optional<ApiKeys> keys;
  if (!flags.keys_path.empty()) {
    absl::StatusOr<ApiKeys> loaded = ApiKeys::Load(flags.keys_path);
    if (!loaded.ok()) return loaded.status();
    keys = *std::move(loaded);
  }
  ServerOptions options = flags.options;
  options.listen = *endpoint;
  return Server::Start(options, std::move(keys));
}

std::string AddressText(const net::ip::tcp::endpoint& endpoint) {
  const std::string address = endpoint.address().to_string();
  return absl::StrCat("http://", endpoint.address().is_v6() ? absl::StrCat("[", address, "]") : address, ":", endpoint.port());
}

// One run of the command. The main thread waits for signals, the end of the load and the end of the server; each of the latter
// two is a thread that posts what happened.
class ServeRun {
 public:
  ServeRun(const ServeFlags& flags, std::unique_ptr<Server> server) : flags_(flags), server_(std::move(server)) {}

  int Run() {
    AwaitSignal();
    std::thread loader([this] {
      const auto tell = [](const absl::Status& problem) { Log(std::string(StdView(problem.message()))); };
      absl::StatusOr<ClientSource> source = flags_.live || IsLiveSource(flags_.source)
                                                ? OpenLiveSource(flags_.source, SetAccess::kWrite, tell)
                                                : OpenSource(flags_.source, tell);
      net::post(events_, [this, source = std::move(source)]() mutable { OnLoaded(std::move(source)); });
    });
    std::thread waiter([this] {
      server_->Wait();
      net::post(events_, [this] { OnStopped(); });
    });
    events_.run();
    waiter.join();
    Log(absl::StrCat("stopped after ", WithThousands(server_->requests()), " requests"));
    if (loading_) {
      // A load cannot be interrupted and has nothing to lose. Its threads must not outlive what exit() would destroy.
      std::fflush(nullptr);
      std::_Exit(exit_status_);
    }
    loader.join();
    return exit_status_;
  }

 private:
  void AwaitSignal() {
    signals_.async_wait([this](boost::system::error_code error, int signal) {
      if (error) return;
      Log(absl::StrCat(signal == SIGTERM ? "SIGTERM" : "SIGINT",
                       stopping_ ? " again: cutting what is left" : ": finishing what is under way"));
      Stop();
      AwaitSignal();
    });
  }

  void Stop() {
    stopping_ = true;
    server_->Stop();
  }

  void OnLoaded(absl::StatusOr<ClientSource> source) {
    loading_ = false;
    if (stopping_) return;
    if (!source.ok()) {
      Log(std::string(source.status().message()));
      exit_status_ = kExitFailed;
      return Stop();
    }
    set_ = source->set;
    if (set_ != nullptr)
      server_->Publish(MakeListService(std::shared_ptr<const ClientSet>(set_)), MakeWriteService(set_));
    else
      server_->Publish(MakeListService(SnapshotOf(source->segment)));
    Log(absl::StrCat("ready: ", source->story));
  }

  void OnStopped() {
    signals_.cancel();
    work_.reset();
    // The load may go on for long; nobody waits for it.
    if (loading_) events_.stop();
  }

  const ServeFlags& flags_;
  std::shared_ptr<ClientSet> set_;  // Null for clients that are never written. Outlives the server.
  std::unique_ptr<Server> server_;
  net::io_context events_{1};
  net::executor_work_guard<net::io_context::executor_type> work_{events_.get_executor()};
  net::signal_set signals_{events_, SIGINT, SIGTERM};
  bool loading_ = true, stopping_ = false;
  int exit_status_ = kExitDone;
};

int RunServe(const ServeFlags& flags) {
  std::signal(SIGPIPE, SIG_IGN);
  RaiseDescriptorLimit();
  absl::StatusOr<std::unique_ptr<Server>> server = StartServer(flags);
  if (!server.ok()) {
    PrintError(StdView(server.status().message()));
    return kExitFailed;
  }
  Log(absl::StrCat("listening on ", AddressText((*server)->endpoint()), flags.keys_path.empty() ? ", without keys" : "",
                   "; loading ", flags.source.load.paths.size(), flags.source.load.paths.size() == 1 ? " path" : " paths"));
  return ServeRun(flags, *std::move(server)).Run();
}

void AddSeconds(CLI::App& command, const char* name, std::chrono::milliseconds& value, const char* help) {
  const double seconds = std::chrono::duration<double>(value).count();
  command
      .add_option_function<double>(
          name, [&value](double given) { value = std::chrono::milliseconds(static_cast<std::int64_t>(given * 1'000)); }, help)
      ->type_name("SECONDS")
      ->check(CLI::Range(0.001, 1e6).description(""))
      ->default_str(absl::StrCat(seconds));
}

}  // namespace

void AddServeCommand(CLI::App& app, int& exit_status) {
  CLI::App* const command = app.add_subcommand("serve", "Load client records and answer the list query over HTTP");
  command->footer(kHelp);
  const auto flags = std::make_shared<ServeFlags>();
  ServerOptions& options = flags->options;
  AddSourceFlags(*command, flags->source);
  command->add_option("--listen", flags->listen, "Address to listen on; port 0 takes a free one")
      ->type_name("ADDRESS:PORT")
      ->capture_default_str();
  command->add_flag("--live", flags->live, "Serve PATH, a folder, as a live set: new, a snapshot, or live already");
  command
      ->add_option("--keys", flags->keys_path,
                   "Keys that callers must show ('clientele keys add' makes them); without it only a loopback address is bound")
      ->type_name("FILE");
  command
      ->add_option("--threads", options.io_threads,
                   "Event loops, and as many threads for expensive queries (default: one a core)")
      ->type_name("N")
      ->check(WholeNumber())
      ->check(CLI::Range(1, 1'024).description(""));
  const auto size = [&](const char* name, auto& value, const char* help) {
    command->add_option(name, value, help)
        ->type_name("N")
        ->capture_default_str()
        ->check(WholeNumber())
        ->check(CLI::Range(0, 1'000'000'000).description(""));
  };
  size("--max-connections", options.max_connections, "Connections at a time; one more is told 503");
  size("--max-waiting", options.max_waiting, "Expensive queries that may wait for a thread; one more is told 503");
  size("--max-streams", options.max_streams, "Streamed replies at a time; one more is told 503");
  size("--max-uri-bytes", options.max_uri_bytes, "Longest request target; then 414");
  size("--max-header-bytes", options.max_header_bytes, "Longest header; then 431");
  size("--max-body-bytes", options.max_body_bytes, "Longest body of a request that needs none (it is dropped); then 413");
  size("--max-record-bytes", options.max_record_bytes, "Longest record or patch that is written, decompressed; then 413");
  size("--max-bulks", options.max_bulks, "Bulk requests at a time; one more is told 503");
  size("--max-atomic-lines", options.max_atomic_lines, "Most lines of an atomic bulk request; then 413");
  size("--max-atomic-bytes", options.max_atomic_bytes, "Most bytes of an atomic bulk request, decompressed; then 413");
  AddSeconds(*command, "--query-timeout", options.query_timeout, "For a query, waiting included; then 503");
  AddSeconds(*command, "--request-timeout", options.request_timeout,
             "For a request to arrive, or for more of a bulk request; then 408");
  AddSeconds(*command, "--idle-timeout", options.idle_timeout, "For a connection without a request; then closed");
  AddSeconds(*command, "--write-timeout", options.write_timeout, "For a reader to take one piece of an answer; then cut");
  AddSeconds(*command, "--stop-timeout", options.stop_timeout, "For requests under way at a stop; then cut");
  AddSetTuning(*command, flags->source.set);
  command->callback([flags, &exit_status] { exit_status = RunServe(*flags); });
}

}  // namespace clientele
