#include "loader/generator_writer.h"

#include <algorithm>
#include <atomic>
#include <cassert>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <limits>
#include <mutex>
#include <thread>
#include <vector>

#include <absl/base/thread_annotations.h>
#include <absl/strings/str_cat.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "loader/csv_writer.h"
#include "loader/generator.h"
#include "loader/record_parser.h"

namespace clientele {
namespace {

using Clock = std::chrono::steady_clock;

absl::Status WriteError(int error, const std::string& name) {
  if (error == EPIPE) return absl::CancelledError(absl::StrCat(name, ": the reader went away"));
  return absl::ErrnoToStatus(error, absl::StrCat("writing ", name));
}

absl::Status WriteAll(int descriptor, std::string_view bytes, const std::string& name) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return WriteError(errno, name);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return absl::OkStatus();
}

// One gzip member with neither name nor time, so that the same set gives the same file.
class GzipMember {
 public:
  ~GzipMember() {
    if (ready_) deflateEnd(&stream_);
  }

  absl::Status Compress(const std::string& json, std::string& out) {
    constexpr int kGzipWindow = 15 + 16;
    // Level 6 is 4 times slower than level 1 but a third smaller; whoever wants speed writes plain NDJSON.
    const int state = ready_ ? deflateReset(&stream_) : deflateInit2(&stream_, 6, Z_DEFLATED, kGzipWindow, 9, Z_DEFAULT_STRATEGY);
    if (state != Z_OK) return absl::ResourceExhaustedError("no memory for compression");
    ready_ = true;
    static_assert(kClientsPerPiece * 16 * 1024 < std::numeric_limits<uInt>::max());
    out.resize(deflateBound(&stream_, static_cast<uLong>(json.size())));
    // zlib does not write to its input; the type is older than const.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(json.data()));
    stream_.avail_in = static_cast<uInt>(json.size());
    stream_.next_out = reinterpret_cast<Bytef*>(out.data());
    stream_.avail_out = static_cast<uInt>(out.size());
    if (deflate(&stream_, Z_FINISH) != Z_STREAM_END) return absl::InternalError("compression did not end");
    out.resize(out.size() - stream_.avail_out);
    return absl::OkStatus();
  }

 private:
  z_stream stream_{};
  bool ready_ = false;
};

// Rows of a table. They are made from the client's JSON, so that both formats say the same.
class RowMaker {
 public:
  void Append(const Generator& generator, std::uint64_t index, std::string& out) {
    json_.clear();
    generator.AppendClient(index, json_);
    const std::size_t size = json_.size();
    json_.append(RecordParser::kPadding, ' ');
    RecordError error;
    const bool parsed = parser_.Parse(std::string_view(json_).substr(0, size), record_, error);
    assert(parsed);
    if (parsed) AppendCsvRow(record_, out);
  }

 private:
  std::string json_;
  RecordParser parser_;
  ClientRecord record_;
};

// The set in pieces of kClientsPerPiece clients. Each worker makes a piece, waits for its turn and writes it: that keeps the
// order and bounds the memory without a queue, and making the next pieces goes on meanwhile.
class PieceWriter {
 public:
  PieceWriter(const GenerateOptions& options, int descriptor, std::string name)
      : options_(options), descriptor_(descriptor), name_(std::move(name)), generator_(options.seed, options.clients) {}

  absl::StatusOr<GenerateReport> Run() {
    const std::uint64_t hardware = std::max(1u, std::thread::hardware_concurrency());
    const std::uint64_t wanted = options_.threads == 0 ? hardware : options_.threads;
    const std::uint64_t count = std::clamp<std::uint64_t>(wanted, 1, std::max<std::uint64_t>(pieces_, 1));
    std::vector<std::thread> workers;
    for (std::uint64_t i = 0; i < count; ++i) workers.emplace_back([this] { Work(); });
    for (std::thread& worker : workers) worker.join();
    std::lock_guard lock(mutex_);
    if (!status_.ok()) return status_;
    if (pieces_ == 0) {
      // An empty gzip file still needs a member, an empty table its header.
      GzipMember member;
      std::string text, out;
      if (options_.csv) AppendCsvHeader(text);
      if (absl::Status status = options_.gzip ? member.Compress(text, out) : absl::OkStatus(); !status.ok()) return status;
      const std::string& written = options_.gzip ? out : text;
      if (absl::Status status = WriteAll(descriptor_, written, name_); !status.ok()) return status;
      report_.written_bytes = written.size();
    }
    report_.seconds = Seconds();
    if (options_.on_progress) options_.on_progress({report_.clients, report_.bytes, report_.seconds});
    return report_;
  }

 private:
  double Seconds() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }

  void Work() {
    // A reader that goes away must be an error of write(), not the end of the process. Blocked here only, so that the caller's
    // handling of the signal stays as it was; what is pending for this thread vanishes with it.
    sigset_t pipe_signal;
    sigemptyset(&pipe_signal);
    sigaddset(&pipe_signal, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_signal, nullptr);

    GzipMember member;
    RowMaker rows;
    std::string text, compressed;
    while (true) {
      const std::uint64_t piece = next_piece_.fetch_add(1, std::memory_order_relaxed);
      if (piece >= pieces_) return;
      const std::uint64_t first = piece * kClientsPerPiece;
      const std::uint64_t last = std::min(first + kClientsPerPiece, options_.clients);
      text.clear();
      if (options_.csv && piece == 0) AppendCsvHeader(text);
      for (std::uint64_t index = first; index < last; ++index) {
        options_.csv ? rows.Append(generator_, index, text) : generator_.AppendClient(index, text);
      }
      absl::Status status = options_.gzip ? member.Compress(text, compressed) : absl::OkStatus();
      if (!WriteInTurn(piece, last - first, text.size(), options_.gzip ? compressed : text, std::move(status))) return;
    }
  }

  // False when the set has failed, here or in another piece.
  bool WriteInTurn(std::uint64_t piece, std::uint64_t clients, std::uint64_t json_bytes, const std::string& out,
                   absl::Status status) {
    std::unique_lock lock(mutex_);
    turn_passed_.wait(lock, [this, piece] { return turn_ == piece || !status_.ok(); });
    if (!status_.ok()) return false;
    // Written under the lock: nobody else may write now anyway, and the others are making their pieces without it.
    status_ = status.ok() ? WriteAll(descriptor_, out, name_) : std::move(status);
    turn_passed_.notify_all();
    if (!status_.ok()) return false;
    ++turn_;
    report_.clients += clients;
    report_.bytes += json_bytes;
    report_.written_bytes += out.size();
    const double seconds = Seconds();
    if (options_.on_progress && seconds - reported_seconds_ > 0.2) {
      reported_seconds_ = seconds;
      options_.on_progress({report_.clients, report_.bytes, seconds});
    }
    return true;
  }

  const GenerateOptions& options_;
  const int descriptor_;
  const std::string name_;
  const Generator generator_;
  const std::uint64_t pieces_ = (options_.clients + kClientsPerPiece - 1) / kClientsPerPiece;
  const Clock::time_point start_ = Clock::now();
  std::atomic<std::uint64_t> next_piece_ = 0;
  std::mutex mutex_;
  std::condition_variable turn_passed_;
  std::uint64_t turn_ ABSL_GUARDED_BY(mutex_) = 0;  // The piece to be written next.
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
  GenerateReport report_ ABSL_GUARDED_BY(mutex_);
  double reported_seconds_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace

absl::StatusOr<GenerateReport> GenerateTo(const GenerateOptions& options) {
  if (options.clients > kGeneratedClientsMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("clients: expected at most ", kGeneratedClientsMax, ", got ", options.clients));
  }
  if (options.path == "-") return PieceWriter(options, STDOUT_FILENO, "standard output").Run();

  const int descriptor = ::open(options.path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor < 0) return absl::ErrnoToStatus(errno, absl::StrCat("opening ", options.path));
  absl::StatusOr<GenerateReport> report = PieceWriter(options, descriptor, options.path).Run();
  struct stat file;
  const bool regular = ::fstat(descriptor, &file) == 0 && S_ISREG(file.st_mode);
  // Some file systems report a full disk only here.
  if (::close(descriptor) != 0 && report.ok()) report = WriteError(errno, options.path);
  if (!report.ok() && regular) ::unlink(options.path.c_str());
  return report;
}

}  // namespace clientele
