#include "index/tombstone_bytes.h"

#include <bit>
#include <cstring>

#include <xxhash.h>

namespace clientele {
namespace {

// The bytes: a checksum (XXH3) of all that follows; then for each chunk with dead rows its number and their number (four bytes
// each), and either the rows (two bytes each) or, when that takes more, the chunk's bits.
constexpr std::uint32_t kListedMax = kChunkRows / 16;

void Append(const void* data, std::size_t size, std::string& bytes) {
  bytes.append(static_cast<const char*>(data), size);
}

void AppendChunk(const Tombstones& tombstones, std::uint32_t chunk, std::string& bytes) {
  const std::uint32_t count = tombstones.CountInChunk(chunk);
  Append(&chunk, sizeof(chunk), bytes);
  Append(&count, sizeof(count), bytes);
  const std::uint64_t* const words = tombstones.Chunk(chunk);
  if (count > kListedMax) return Append(words, kChunkWords * sizeof(words[0]), bytes);
  for (std::uint32_t word = 0; word < kChunkWords; ++word) {
    for (std::uint64_t bits = words[word]; bits != 0; bits &= bits - 1) {
      const auto row = static_cast<std::uint16_t>(word * 64 + static_cast<std::uint32_t>(std::countr_zero(bits)));
      Append(&row, sizeof(row), bytes);
    }
  }
}

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}
  bool at_end() const { return bytes_.empty(); }
  bool Take(void* data, std::size_t size) {
    if (bytes_.size() < size) return false;
    std::memcpy(data, bytes_.data(), size);
    bytes_.remove_prefix(size);
    return true;
  }

 private:
  std::string_view bytes_;
};

// Appends the rows of the next chunk; false when the bytes are none of ours.
bool TakeChunk(Reader& reader, std::uint32_t row_count, std::vector<std::uint32_t>& rows) {
  std::uint32_t chunk = 0, count = 0;
  if (!reader.Take(&chunk, sizeof(chunk)) || !reader.Take(&count, sizeof(count))) return false;
  if (chunk >= ChunkCount(row_count) || count == 0 || count > RowsInChunk(chunk, row_count)) return false;
  const std::size_t first = rows.size();
  const auto add = [&](std::uint32_t row) {
    rows.push_back(chunk * kChunkRows + row);
    return rows.back() < row_count && (rows.size() == 1 || rows[rows.size() - 2] < rows.back());
  };
  if (count <= kListedMax) {
    for (std::uint32_t i = 0; i < count; ++i) {
      std::uint16_t row = 0;
      if (!reader.Take(&row, sizeof(row)) || !add(row)) return false;
    }
    return true;
  }
  for (std::uint32_t word = 0; word < kChunkWords; ++word) {
    std::uint64_t bits = 0;
    if (!reader.Take(&bits, sizeof(bits))) return false;
    for (; bits != 0; bits &= bits - 1) {
      if (!add(word * 64 + static_cast<std::uint32_t>(std::countr_zero(bits)))) return false;
    }
  }
  return rows.size() - first == count;
}

}  // namespace

std::string TombstoneBytes(const Tombstones& tombstones) {
  std::string bytes;
  if (tombstones.count() == 0) return bytes;
  bytes.resize(sizeof(std::uint64_t));
  for (std::uint32_t chunk = 0; chunk < tombstones.chunk_count(); ++chunk) {
    if (tombstones.CountInChunk(chunk) > 0) AppendChunk(tombstones, chunk, bytes);
  }
  const std::uint64_t checksum = XXH3_64bits(bytes.data() + sizeof(checksum), bytes.size() - sizeof(checksum));
  std::memcpy(bytes.data(), &checksum, sizeof(checksum));
  return bytes;
}

absl::StatusOr<std::vector<std::uint32_t>> DeadRowsOf(std::string_view bytes, std::uint32_t row_count) {
  std::vector<std::uint32_t> rows;
  if (bytes.empty()) return rows;
  const absl::Status damaged = absl::DataLossError("the tombstones of a segment are not as they were written");
  Reader reader(bytes);
  std::uint64_t checksum = 0;
  if (!reader.Take(&checksum, sizeof(checksum))) return damaged;
  if (checksum != XXH3_64bits(bytes.data() + sizeof(checksum), bytes.size() - sizeof(checksum))) return damaged;
  while (!reader.at_end()) {
    if (!TakeChunk(reader, row_count, rows)) return damaged;
  }
  return rows;
}

}  // namespace clientele
