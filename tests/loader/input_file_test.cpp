#include "loader/input_file.h"

#include <array>
#include <vector>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/loader/temporary_files.h"

namespace clientele {
namespace {

constexpr std::size_t kFileBytes = std::size_t{48} << 20;
constexpr std::size_t kPageBytes = 4096;

std::string SomeBytes() {
  std::string bytes(kFileBytes, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>('a' + i * i / 7 % 26);
  return bytes;
}

// Until they are on the disk, pages cannot be dropped.
void Sync(const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDWR);
  REQUIRE(descriptor >= 0);
  REQUIRE(fsync(descriptor) == 0);
  close(descriptor);
}

std::string ReadAll(const std::string& path, PageCache page_cache) {
  const auto file = InputFile::Open(path, page_cache);
  REQUIRE(file.ok());
  std::string bytes(kFileBytes + 1, '\0');
  std::size_t size = 0;
  // Not by whole pages, and the end is read, too.
  for (std::size_t got = 1; got > 0; size += got)
    got = *(*file)->Read(bytes.data() + size, std::min<std::size_t>(999'999, bytes.size() - size));
  bytes.resize(size);
  return bytes;
}

// The part of the file's pages that the system holds.
double CachedPart(const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDONLY);
  REQUIRE(descriptor >= 0);
  void* const mapped = mmap(nullptr, kFileBytes, PROT_READ, MAP_SHARED, descriptor, 0);
  close(descriptor);
  REQUIRE(mapped != MAP_FAILED);
  std::vector<unsigned char> pages(kFileBytes / kPageBytes);
  REQUIRE(mincore(mapped, kFileBytes, pages.data()) == 0);
  munmap(mapped, kFileBytes);
  std::size_t cached = 0;
  for (const unsigned char page : pages) cached += page & 1;
  return static_cast<double>(cached) / static_cast<double>(pages.size());
}

// Memory file systems have nowhere to read pages from again.
bool CanDropPages(const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDONLY);
  posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED);
  close(descriptor);
  return CachedPart(path) < 0.5;
}

TEST_CASE("a file that is read with kDrop is read whole and leaves the page cache behind the reader", "[loader][input_file]") {
  const TemporaryFolder folder;
  const std::string bytes = SomeBytes();
  const std::string path = folder.Write("a.ndjson", bytes);
  Sync(path);
  CHECK(ReadAll(path, PageCache::kKeep) == bytes);
  const double kept = CachedPart(path);
  CHECK(ReadAll(path, PageCache::kDrop) == bytes);
  const double left = CachedPart(path);
  if (!CanDropPages(path)) {
    WARN("the file system of temporary files cannot drop pages: not checked");
    return;
  }
  CHECK(kept > 0.5);
  CHECK(left < 0.1);
}

TEST_CASE("pages are dropped when the inputs are larger than half of the memory", "[loader][input_file]") {
  const TemporaryFolder folder;
  const std::vector<std::string> paths{folder.Write("a", std::string(3'000, 'a')), folder.Write("b", std::string(1'000, 'b'))};
  CHECK(PageCacheFor(paths, 8'000) == PageCache::kKeep);
  CHECK(PageCacheFor(paths, 7'999) == PageCache::kDrop);
  CHECK(PageCacheFor(std::span(paths).first(1), 7'999) == PageCache::kKeep);
  CHECK(PageCacheFor(std::array<std::string, 1>{folder.Path("missing")}, 8'000) == PageCache::kKeep);
}

}  // namespace
}  // namespace clientele
