// Stands in for libFuzzer in ordinary builds: gives a fuzzer every file of its corpus, whole, cut short and damaged.
//
//   record_json_fuzz FILE|FOLDER...
//
// What is cut and damaged follows from the file's bytes alone, so that a failure comes back. A fuzzer finds fault by aborting.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <random>
#include <sstream>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

namespace fs = std::filesystem;

constexpr int kDamagedForms = 100;

std::vector<fs::path> FilesOf(const fs::path& path) {
  if (!fs::is_directory(path)) return {path};
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(path)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string ReadWhole(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    std::fprintf(stderr, "%s: cannot be read\n", path.c_str());
    std::exit(2);
  }
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

// In memory of exactly that size, so that a sanitizer notices a read beyond it.
void Try(const std::string& bytes) {
  const std::unique_ptr<std::uint8_t[]> copy(new std::uint8_t[bytes.size()]);
  std::copy(bytes.begin(), bytes.end(), copy.get());
  LLVMFuzzerTestOneInput(copy.get(), bytes.size());
}

std::string Damaged(std::string bytes, std::mt19937_64& random) {
  if (bytes.empty()) return bytes;
  if (random() % 4 == 0) bytes.resize(random() % bytes.size());
  const std::size_t changes = random() % 4;
  for (std::size_t i = 0; i < changes && !bytes.empty(); ++i) {
    const std::size_t at = random() % bytes.size();
    switch (random() % 4) {
      case 0: bytes[at] = static_cast<char>(bytes[at] ^ (1 << random() % 8)); break;
      case 1: bytes[at] = static_cast<char>(random()); break;
      case 2: bytes.erase(at, random() % 8 + 1); break;
      default: bytes.insert(at, bytes.substr(random() % bytes.size(), random() % 16)); break;
    }
  }
  return bytes;
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t files = 0;
  for (int i = 1; i < argc; ++i) {
    for (const fs::path& path : FilesOf(argv[i])) {
      const std::string bytes = ReadWhole(path);
      // Said before it is tried: the last name shown is the one that failed.
      std::printf("%s\n", path.c_str());
      std::fflush(stdout);
      Try(bytes);
      std::mt19937_64 random(bytes.size());
      for (int form = 0; form < kDamagedForms; ++form) Try(Damaged(bytes, random));
      ++files;
    }
  }
  std::printf("%zu files\n", files);
  if (files == 0) std::fprintf(stderr, "usage: %s FILE|FOLDER...\n", argc > 0 ? argv[0] : "fuzzer");
  return files == 0 ? 2 : 0;
}
