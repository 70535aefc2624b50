#include "index/section_table.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include <absl/strings/str_cat.h>

#include "index/absl_view.h"

namespace clientele {
namespace {

// Where the first section starts.
std::uint64_t SectionsBegin(const SnapshotHeader& header) {
  return kHeaderBytes + RoundUpTo(TableBytes(header.section_count, header.block_count), kPageBytes);
}

bool IsZero(std::span<const std::byte> bytes) {
  return std::ranges::all_of(bytes, [](std::byte b) { return b == std::byte{0}; });
}

}  // namespace

absl::StatusOr<SectionTable> SectionTable::Read(std::shared_ptr<const MappedFile> file) {
  SectionTable table(std::move(file));
  if (absl::Status status = table.CheckHeader(); !status.ok()) return status;
  if (absl::Status status = table.CheckTable(); !status.ok()) return status;
  if (absl::Status status = table.CheckLayout(); !status.ok()) return status;
  return table;
}

absl::Status SectionTable::Foreign(std::string_view what) const {
  return absl::FailedPreconditionError(absl::StrCat(file_->path(), ": ", AbslView(what)));
}

absl::Status SectionTable::Damaged(std::string_view what) const {
  return absl::DataLossError(absl::StrCat(file_->path(), ": ", AbslView(what)));
}

absl::Status SectionTable::CheckHeader() {
  const auto bytes = file_->bytes();
  if (bytes.size() < sizeof header_.magic || std::memcmp(bytes.data(), kSnapshotMagic, sizeof kSnapshotMagic) != 0)
    return Foreign(bytes.empty() ? "not a snapshot: the file is empty" : "not a snapshot: it begins otherwise");
  if (bytes.size() < kHeaderBytes) return Damaged("cut within the header");
  std::memcpy(&header_, bytes.data(), sizeof header_);
  // The version comes first, as it decides what everything else means; but a flipped bit must not pass for a version.
  if (header_.byte_order != kByteOrderMark) {
    return Foreign(__builtin_bswap32(header_.byte_order) == kByteOrderMark
                       ? "written on a machine of another byte order"
                       : absl::StrCat("damaged header: the byte order mark is ", header_.byte_order));
  }
  if (header_.version != kSnapshotVersion) {
    return Foreign(absl::StrCat("format version ", header_.version, "; this program reads version ", kSnapshotVersion));
  }
  if (header_.header_checksum != HeaderChecksum(header_) || !IsZero(bytes.subspan(sizeof header_, kHeaderBytes - sizeof header_)))
    return Damaged("the header does not match its checksum");
  if (header_.word_bytes != sizeof(void*)) {
    return Foreign(absl::StrCat("written on a machine with words of ", header_.word_bytes, " bytes, not ", sizeof(void*)));
  }
  if (header_.section_count > kSectionsMax || header_.file_bytes > kFileBytesMax || header_.block_count > header_.file_bytes ||
      SectionsBegin(header_) > header_.file_bytes)
    return Damaged("the header describes no possible file");
  return absl::OkStatus();
}

absl::Status SectionTable::CheckTable() {
  const auto bytes = file_->bytes();
  const std::uint64_t begin = SectionsBegin(header_);
  if (bytes.size() < begin) return Damaged("cut within the section table");
  const auto table = bytes.subspan(kHeaderBytes, begin - kHeaderBytes);
  if (TableChecksum(table) != WideChecksum{header_.table_checksum[0], header_.table_checksum[1]})
    return Damaged("the section table does not match its checksum");
  // The table starts at a page, and entries are whole numbers of words.
  sections_ = {reinterpret_cast<const SectionEntry*>(table.data()), header_.section_count};
  checksums_ = {reinterpret_cast<const std::uint64_t*>(table.data() + sections_.size_bytes()), header_.block_count};
  return absl::OkStatus();
}

absl::Status SectionTable::CheckLayout() {
  std::uint64_t end = SectionsBegin(header_), blocks = 0;
  for (std::size_t i = 0; i < sections_.size(); ++i) {
    const SectionEntry& section = sections_[i];
    if (section.Name().empty() || section.Name().size() == sizeof section.name)
      return Damaged(absl::StrCat("section ", i, " of the table has no name"));
    const auto wrong = [&](std::string_view what) {
      return Damaged(absl::StrCat("section ", AbslView(section.Name()), ": ", AbslView(what)));
    };
    if (section.element_bytes == 0 || section.count == 0 || section.count > header_.file_bytes / section.element_bytes)
      return wrong("no possible size");
    if (section.alignment != AlignmentOf(section.bytes()) || section.offset != RoundUpTo(end, section.alignment))
      return wrong("it does not start where the one before it ends");
    if (section.bytes() > header_.file_bytes || section.offset > header_.file_bytes - section.bytes())
      return wrong("it ends behind the file");
    end = RoundUpTo(section.offset + section.bytes() + kSectionPaddingBytes, kCacheLineBytes);
  }
  if (end != header_.file_bytes) return Damaged("the sections and the file have different lengths");
  for (std::size_t i = 0; i < sections_.size(); ++i) {
    first_block_.push_back(blocks);
    const std::uint64_t next = i + 1 < sections_.size() ? sections_[i + 1].offset : header_.file_bytes;
    blocks += BlocksOf(next - sections_[i].offset);
  }
  if (blocks != header_.block_count) return Damaged("the section table has another number of checksums");
  const std::uint64_t size = file_->bytes().size();
  if (size < header_.file_bytes) return CutShort();
  if (size > header_.file_bytes) return Damaged(absl::StrCat(size - header_.file_bytes, " bytes follow the last section"));
  return absl::OkStatus();
}

absl::Status SectionTable::CutShort() const {
  const std::uint64_t size = file_->bytes().size();
  const auto after = std::ranges::upper_bound(sections_, size, {}, &SectionEntry::offset);
  const std::string where = after == sections_.begin()
                                ? "before its first section"
                                : absl::StrCat("within or behind section ", AbslView(std::prev(after)->Name()));
  return Damaged(absl::StrCat("cut ", where, ": ", size, " bytes instead of ", header_.file_bytes));
}

std::span<const std::byte> SectionTable::Extent(std::size_t section) const {
  const std::uint64_t begin = sections_[section].offset;
  const std::uint64_t end = section + 1 < sections_.size() ? sections_[section + 1].offset : header_.file_bytes;
  return file_->bytes().subspan(begin, end - begin);
}

std::span<const std::byte> SectionTable::Block(std::size_t section, std::uint64_t block) const {
  const auto extent = Extent(section).subspan(block * kBlockBytes);
  return extent.first(std::min<std::size_t>(extent.size(), kBlockBytes));
}

bool SectionTable::BlockIsGood(std::size_t section, std::uint64_t block) const {
  return BlockChecksum(Block(section, block)) == checksums_[first_block_[section] + block];
}

absl::Status SectionTable::BadBlock(std::size_t section, std::uint64_t block) const {
  const std::uint64_t begin = block * kBlockBytes;
  return Damaged(absl::StrCat("section ", AbslView(sections_[section].Name()), ": bytes ", begin, " to ",
                              begin + Block(section, block).size() - 1, " do not match their checksum"));
}

absl::Status SectionTable::Check(std::size_t section) const {
  for (std::uint64_t block = 0; block < BlockCount(section); ++block) {
    if (!BlockIsGood(section, block)) return BadBlock(section, block);
  }
  return absl::OkStatus();
}

}  // namespace clientele
