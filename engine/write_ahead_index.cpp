#include "engine/write_ahead_index.h"

#include <algorithm>
#include <cstring>

#include <absl/strings/str_cat.h>
#include <sqlite3.h>

namespace clientele {
namespace {

constexpr std::uint64_t kFramesOfRegion = 4'096, kFramesOfFirstRegion = 4'062;
constexpr int kRegionBytes = 32 << 10;
constexpr std::uint32_t kVersion = 3'007'000;
// In the index: its version and the number of the last frame in the machine's byte order, the salts as they are in the log.
constexpr std::size_t kVersionAt = 0, kLastFrameAt = 16, kSaltAt = 32;

// Null: it is not mapped, and `extend` is false or the file cannot grow.
const volatile char* Region(SqliteConnection& database, int region, bool extend) {
  sqlite3_file* file = nullptr;
  sqlite3_file_control(database.handle(), "main", SQLITE_FCNTL_FILE_POINTER, &file);
  if (file == nullptr || file->pMethods == nullptr || file->pMethods->iVersion < 2) return nullptr;
  volatile void* mapped = nullptr;
  if (file->pMethods->xShmMap(file, region, kRegionBytes, extend, &mapped) != SQLITE_OK) return nullptr;
  return static_cast<const volatile char*>(mapped);
}

std::uint32_t NumberAt(const volatile char* region, std::size_t at) {
  std::uint32_t number = 0;
  std::memcpy(&number, const_cast<const char*>(region) + at, sizeof number);
  return number;
}

}  // namespace

void LengthenWriteAheadIndex(SqliteConnection& database, std::uint64_t frames) {
  const std::uint64_t beyond_first = frames - std::min(frames, kFramesOfFirstRegion);
  const auto regions = static_cast<int>(1 + (beyond_first + kFramesOfRegion - 1) / kFramesOfRegion);
  for (int region = 0; region < regions; ++region) {
    if (Region(database, region, true) == nullptr) return;
  }
}

absl::StatusOr<WriteAheadEnd> CommittedWriteAheadEnd(SqliteConnection& database) {
  const volatile char* const header = Region(database, 0, false);
  if (header == nullptr || NumberAt(header, kVersionAt) != kVersion)
    return absl::InternalError(
        absl::StrCat(database.path(), ": SQLite's index of the write-ahead log is not of the known format"));
  const std::uint64_t high = __builtin_bswap32(NumberAt(header, kSaltAt)), low = __builtin_bswap32(NumberAt(header, kSaltAt + 4));
  return WriteAheadEnd{.salt = (high << 32) | low, .frames = NumberAt(header, kLastFrameAt)};
}

}  // namespace clientele
