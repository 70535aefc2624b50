#include "loader/generator_writer.h"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>

#include <absl/strings/match.h>
#include <catch2/catch.hpp>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "loader/generator.h"

namespace clientele {
namespace {

namespace fs = std::filesystem;

// A folder of one test, removed with all that is in it.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (fs::temp_directory_path() / "clientele-test-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~TemporaryFolder() { fs::remove_all(path_); }
  std::string File(const std::string& name) const { return (path_ / name).string(); }

 private:
  fs::path path_;
};

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  REQUIRE(file);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

// zlib's reader takes a file of several gzip members as one text.
std::string ReadGzip(const std::string& path) {
  gzFile file = gzopen(path.c_str(), "rb");
  REQUIRE(file != nullptr);
  std::string text;
  std::string buffer(1 << 16, '\0');
  int got = 0;
  while ((got = gzread(file, buffer.data(), static_cast<unsigned>(buffer.size()))) > 0)
    text.append(buffer, 0, static_cast<std::size_t>(got));
  CHECK(got == 0);
  gzclose(file);
  return text;
}

std::string InMemory(std::uint64_t seed, std::uint64_t clients) {
  const Generator generator(seed, clients);
  std::string out;
  for (std::uint64_t i = 0; i < clients; ++i) generator.AppendClient(i, out);
  return out;
}

// Whether two long texts are equal, without printing megabytes when they are not.
bool Same(const std::string& a, const std::string& b) {
  return a == b;
}

}  // namespace

TEST_CASE("the shipped data set is what the generator makes today", "[loader][generator]") {
  const std::string shipped = ReadGzip(CLIENTELE_SOURCE_DIR "/data/clients-2k.ndjson.gz");
  CHECK(Same(shipped, InMemory(2026, 2000)));
}

TEST_CASE("a written set does not depend on the number of threads or on compression", "[loader][generator]") {
  const TemporaryFolder folder;
  constexpr std::uint64_t kClients = 2 * kClientsPerPiece + 10;
  const std::string expected = InMemory(8, kClients);
  for (const std::uint32_t threads : {1u, 3u, 16u}) {
    const auto plain = GenerateTo({.clients = kClients, .seed = 8, .path = folder.File("plain"), .threads = threads});
    REQUIRE(plain.ok());
    CHECK(Same(ReadFile(folder.File("plain")), expected));
    CHECK(plain->clients == kClients);
    CHECK(plain->bytes == expected.size());
    CHECK(plain->written_bytes == expected.size());
  }
  const auto packed = GenerateTo({.clients = kClients, .seed = 8, .path = folder.File("packed.gz"), .gzip = true, .threads = 2});
  REQUIRE(packed.ok());
  CHECK(Same(ReadGzip(folder.File("packed.gz")), expected));
  CHECK(packed->written_bytes == fs::file_size(folder.File("packed.gz")));
  CHECK(packed->written_bytes < expected.size() / 4);
}

TEST_CASE("a set of no clients is an empty file", "[loader][generator]") {
  const TemporaryFolder folder;
  REQUIRE(GenerateTo({.clients = 0, .path = folder.File("plain")}).ok());
  CHECK(ReadFile(folder.File("plain")).empty());
  REQUIRE(GenerateTo({.clients = 0, .path = folder.File("packed.gz"), .gzip = true}).ok());
  CHECK(ReadGzip(folder.File("packed.gz")).empty());
  CHECK(fs::file_size(folder.File("packed.gz")) > 0);
}

TEST_CASE("progress ends with all clients", "[loader][generator]") {
  const TemporaryFolder folder;
  GenerateProgress last;
  const auto keep = [&last](const GenerateProgress& progress) { last = progress; };
  REQUIRE(GenerateTo({.clients = 5000, .path = folder.File("plain"), .on_progress = keep}).ok());
  CHECK(last.clients == 5000);
  CHECK(last.bytes == fs::file_size(folder.File("plain")));
}

TEST_CASE("a file that cannot be made is refused with its name", "[loader][generator]") {
  const TemporaryFolder folder;
  const auto report = GenerateTo({.clients = 1, .path = folder.File("missing/plain")});
  CHECK(report.status().code() == absl::StatusCode::kNotFound);
  CHECK(absl::StrContains(report.status().message(), "missing/plain"));
}

TEST_CASE("more clients than ids can number are refused", "[loader][generator]") {
  CHECK(GenerateTo({.clients = kGeneratedClientsMax + 1}).status().code() == absl::StatusCode::kInvalidArgument);
}

TEST_CASE("a full disk is an error", "[loader][generator]") {
  if (!fs::exists("/dev/full")) return;
  const auto report = GenerateTo({.clients = 100'000, .path = "/dev/full", .threads = 4});
  CHECK(report.status().code() == absl::StatusCode::kResourceExhausted);
}

TEST_CASE("a reader that goes away is an error and not the end of the process", "[loader][generator]") {
  const TemporaryFolder folder;
  const std::string pipe = folder.File("pipe");
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  // The writer opens once there is a reader; the reader closes before the pipe's buffer could hold the first piece.
  const int reader = ::open(pipe.c_str(), O_RDONLY | O_NONBLOCK);
  REQUIRE(reader >= 0);
  bool closed = false;
  absl::StatusOr<GenerateReport> report = absl::UnknownError("not run");
  std::thread writer([&] { report = GenerateTo({.clients = 100'000, .path = pipe, .threads = 2}); });
  char byte = 0;
  while (!closed) {
    if (::read(reader, &byte, 1) == 1) closed = ::close(reader) == 0;
  }
  writer.join();
  CHECK(report.status().code() == absl::StatusCode::kCancelled);
}

}  // namespace clientele
