#include "tests/index/snapshot_bytes.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include <absl/strings/str_cat.h>
#include <sys/mman.h>
#include <unistd.h>

#include "index/snapshot_writer.h"

namespace clientele {
namespace {

std::span<std::byte> Writable(std::string& bytes) {
  return std::as_writable_bytes(std::span(bytes));
}

template <class T>
T ReadAt(std::string_view bytes, std::size_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

std::size_t SectionsBegin(const SnapshotHeader& header) {
  return kHeaderBytes + RoundUpTo(TableBytes(header.section_count, header.block_count), kPageBytes);
}

}  // namespace

std::string SnapshotBytes(const Segment& segment) {
  std::string folder = (std::filesystem::temp_directory_path() / "clientele-test-XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) throw std::runtime_error("mkdtemp");
  const absl::StatusOr<SegmentFile> written = WriteSegmentFile(segment, folder, "segment");
  std::ostringstream bytes;
  bytes << std::ifstream(folder + "/segment", std::ios::binary).rdbuf();
  std::filesystem::remove_all(folder);
  if (!written.ok()) throw std::runtime_error(written.status().ToString());
  return bytes.str();
}

std::shared_ptr<const MappedFile> MappedBytes(std::string_view bytes) {
  const int file = memfd_create("snapshot", MFD_CLOEXEC);
  if (file < 0) throw std::runtime_error("memfd_create");
  for (std::size_t written = 0; written < bytes.size();) {
    const ssize_t more = write(file, bytes.data() + written, bytes.size() - written);
    if (more <= 0) throw std::runtime_error("writing to memory");
    written += static_cast<std::size_t>(more);
  }
  auto mapped = MappedFile::Open(absl::StrCat("/proc/self/fd/", file));
  close(file);
  if (!mapped.ok()) throw std::runtime_error(mapped.status().ToString());
  return *std::move(mapped);
}

std::vector<SectionPlace> SectionsOf(std::string_view bytes) {
  const auto header = ReadAt<SnapshotHeader>(bytes, 0);
  std::vector<SectionPlace> sections;
  for (std::size_t i = 0; i < header.section_count; ++i) {
    const std::size_t at = kHeaderBytes + i * sizeof(SectionEntry);
    const auto entry = ReadAt<SectionEntry>(bytes, at);
    sections.push_back({std::string(entry.Name()), at, entry.offset, entry.offset + entry.bytes(), header.file_bytes});
    if (i > 0) sections[i - 1].extent = entry.offset;
  }
  return sections;
}

void SealAgain(std::string& bytes) {
  if (bytes.size() < kHeaderBytes) return;
  auto header = ReadAt<SnapshotHeader>(bytes, 0);
  const bool table_fits =
      header.section_count <= kSectionsMax && header.block_count <= bytes.size() && SectionsBegin(header) <= bytes.size();
  if (table_fits) {
    std::size_t checksum = kHeaderBytes + header.section_count * sizeof(SectionEntry);
    const std::size_t table_end = SectionsBegin(header);
    for (const SectionPlace& section : SectionsOf(bytes)) {
      for (std::size_t begin = section.begin; begin < section.extent; begin += kBlockBytes) {
        const std::size_t end = std::min<std::size_t>(begin + kBlockBytes, section.extent);
        if (begin < table_end || end > bytes.size() || checksum + 8 > table_end) break;
        const std::uint64_t sum = BlockChecksum(Writable(bytes).subspan(begin, end - begin));
        std::memcpy(bytes.data() + checksum, &sum, sizeof sum);
        checksum += sizeof sum;
      }
    }
    const WideChecksum table = TableChecksum(Writable(bytes).subspan(kHeaderBytes, table_end - kHeaderBytes));
    header.table_checksum[0] = table.low;
    header.table_checksum[1] = table.high;
  }
  header.header_checksum = HeaderChecksum(header);
  std::memcpy(bytes.data(), &header, sizeof header);
}

}  // namespace clientele
