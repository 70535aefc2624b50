// How a segment lies in a file (docs/snapshots.md):
//
//   header    kHeaderBytes: what it is, for which program, where the table is
//   table     a SectionEntry per section, then a checksum per block of every section
//   sections  the arrays of the segment as they are in memory
//
// Sections follow each other without a gap: a section's blocks reach to where the next section starts, padding included, so every
// byte of a file is under exactly one checksum. Where a section starts follows from the lengths of those before it, which leaves
// no freedom to whoever makes up a table.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <type_traits>

namespace clientele {

inline constexpr char kSnapshotMagic[8] = {'C',  'L',  'N',    'T',
                                           '\r', '\n', '\x1A', '\n'};  // Notices transfers as text, like PNG's.
inline constexpr std::uint32_t kSnapshotVersion = 1;  // Of this layout, of the arrays and of the record encoding.
inline constexpr std::uint32_t kByteOrderMark = 0x0A0B0C0D;

struct SnapshotHeader {
  char magic[8];
  std::uint32_t version;
  std::uint32_t byte_order;  // kByteOrderMark as its writer stores it.
  std::uint32_t word_bytes;  // Of its writer's pointers.
  std::uint32_t section_count;
  std::uint64_t block_count;  // Of all sections together.
  std::uint64_t file_bytes;
  std::uint64_t row_count;
  std::uint64_t schema_fingerprint;
  std::int64_t written_at;  // Seconds since 1970 UTC.
  std::uint64_t table_checksum[2];
  std::uint64_t header_checksum;  // Of all bytes before it.
};
static_assert(sizeof(SnapshotHeader) == 88 && std::is_trivially_copyable_v<SnapshotHeader>);

struct SectionEntry {
  char name[72];  // "email.order.row_at", filled up with zeros; at least one of them.
  std::uint64_t offset;
  std::uint64_t count;  // Elements.
  std::uint32_t element_bytes;
  std::uint32_t alignment;

  std::uint64_t bytes() const { return count * element_bytes; }
  std::string_view Name() const { return {name, strnlen(name, sizeof name)}; }
};
static_assert(sizeof(SectionEntry) == 96 && std::is_trivially_copyable_v<SectionEntry>);

inline constexpr std::uint64_t kHeaderBytes = 4096;
inline constexpr std::uint64_t kBlockBytes = 64 << 10;      // What one checksum covers; the last block of a section is shorter.
inline constexpr std::uint64_t kSectionPaddingBytes = 64;   // At least so many zeros follow a section: HugeArray::kPaddingBytes.
inline constexpr std::uint64_t kPagedFromBytes = 64 << 10;  // Smaller sections are not worth a page of their own.
inline constexpr std::uint64_t kPageBytes = 4096, kCacheLineBytes = 64;
inline constexpr std::uint64_t kSectionsMax = 1 << 16, kFileBytesMax = std::uint64_t{1} << 50;

constexpr std::uint64_t RoundUpTo(std::uint64_t value, std::uint64_t unit) {
  return (value + unit - 1) / unit * unit;
}
constexpr std::uint64_t AlignmentOf(std::uint64_t section_bytes) {
  return section_bytes >= kPagedFromBytes ? kPageBytes : kCacheLineBytes;
}
constexpr std::uint64_t TableBytes(std::uint64_t sections, std::uint64_t blocks) {
  return sections * sizeof(SectionEntry) + blocks * sizeof(std::uint64_t);
}
constexpr std::uint64_t BlocksOf(std::uint64_t bytes) {
  return (bytes + kBlockBytes - 1) / kBlockBytes;
}

// XXH3 of 64 and of 128 bits. Guards against accidents, not against forgers: those could as well write a whole file.
std::uint64_t BlockChecksum(std::span<const std::byte> bytes);
struct WideChecksum {
  std::uint64_t low, high;
  bool operator==(const WideChecksum&) const = default;
};
WideChecksum TableChecksum(std::span<const std::byte> bytes);
std::uint64_t HeaderChecksum(const SnapshotHeader& header);

}  // namespace clientele
