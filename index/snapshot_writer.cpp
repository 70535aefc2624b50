#include "index/snapshot_writer.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <ctime>
#include <deque>
#include <utility>
#include <vector>

#include <absl/strings/str_cat.h>

#include "index/absl_view.h"
#include "index/durable_file.h"
#include "index/parallel.h"
#include "index/schema_text.h"
#include "index/snapshot_sections.h"

namespace clientele {
namespace {

// Written at a time, so that a page cache that has to make room does so early, and progress is smooth.
constexpr std::uint64_t kWriteBytes = 16 << 20;

using Bytes = std::span<const std::byte>;

// Collects where all arrays of a segment lie.
class SectionList {
 public:
  struct Section {
    SectionEntry entry;
    const std::byte* data;
  };

  explicit SectionList(const Segment& segment) {
    sections_.resize(2);  // The first two are read before all others; what they hold is known last.
    ListSegment(*this, segment.parts());
    sections_[0] = MakeSection("schema", SchemaText().data(), SchemaText().size(), 1);
    sections_[1] = MakeSection("numbers", numbers_.data(), numbers_.size(), 1);
  }

  const std::vector<Section>& sections() const { return sections_; }

  template <class T>
  void Number(const T& value) {
    static_assert(std::has_unique_object_representations_v<T>);
    numbers_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  template <class T>
  void Hot(std::string_view name, const HugeArray<T>& array) {
    if (!array.empty())
      sections_.push_back(MakeSection(absl::StrCat(prefix_, AbslView(name)), array.data(), array.size(), sizeof(T)));
  }
  template <class T>
  void Cold(std::string_view name, const HugeArray<T>& array) {
    Hot(name, array);
  }
  template <class Object>
  void Nested(std::string_view name, const Object& object) {
    const std::size_t outer = prefix_.size();
    absl::StrAppend(&prefix_, AbslView(name), ".");
    Object::List(*this, object);
    prefix_.resize(outer);
  }
  void Dictionary(std::string_view name, const std::shared_ptr<const Interner>& dictionary) {
    const std::uint32_t capacity = dictionary == nullptr ? 0 : dictionary->capacity();
    Number(capacity);
    if (dictionary != nullptr) Texts(name, *dictionary);
  }
  void RecordDictionaries(std::string_view name, const std::shared_ptr<const class RecordDictionaries>& dictionaries) {
    Number(dictionaries->prefixes.capacity());
    dictionaries->ForEach(
        [&](std::string_view one, const Interner& texts) { Texts(absl::StrCat(AbslView(name), ".", AbslView(one)), texts); });
  }
  void BeginPart(Field field, IndexPart) { prefix_ = absl::StrCat(AbslView(Def(field).name), "."); }
  void BeginRecords() { prefix_ = "records."; }

 private:
  static Section MakeSection(std::string_view name, const void* data, std::uint64_t count, std::uint32_t element_bytes) {
    SectionEntry entry{};
    assert(name.size() < sizeof entry.name);
    std::memcpy(entry.name, name.data(), std::min(name.size(), sizeof entry.name - 1));
    entry.count = count;
    entry.element_bytes = element_bytes;
    entry.alignment = static_cast<std::uint32_t>(AlignmentOf(entry.bytes()));
    return {entry, static_cast<const std::byte*>(data)};
  }

  // The texts of all codes, one after the other, and where each ends.
  void Texts(std::string_view name, const Interner& dictionary) {
    std::string& bytes = texts_.emplace_back();
    std::vector<std::uint64_t>& ends = ends_.emplace_back();
    for (std::uint32_t code = 0; code < dictionary.size(); ++code) {
      bytes += dictionary.Text(code);
      ends.push_back(bytes.size());
    }
    const std::string full = absl::StrCat(prefix_, AbslView(name));
    if (!bytes.empty()) sections_.push_back(MakeSection(absl::StrCat(full, ".bytes"), bytes.data(), bytes.size(), 1));
    if (!ends.empty()) sections_.push_back(MakeSection(absl::StrCat(full, ".ends"), ends.data(), ends.size(), sizeof ends[0]));
  }

  std::vector<Section> sections_;
  std::string prefix_, numbers_;
  std::deque<std::string> texts_;
  std::deque<std::vector<std::uint64_t>> ends_;
};

class SegmentWriter {
 public:
  SegmentWriter(const Segment& segment, const WriteProgress& progress) : segment_(segment), progress_(progress), list_(segment) {}

  absl::StatusOr<SegmentFile> Write(const std::string& folder, const std::string& name) {
    LayOut();
    absl::StatusOr<DurableFile> created = DurableFile::Create(folder, name, file_bytes_);
    if (!created.ok()) return created.status();
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      if (absl::Status status = WriteSection(i, *created); !status.ok()) return status;
    }
    const WideChecksum checksum = MakeTable();
    if (absl::Status status = created->Write(front_, 0); !status.ok()) return status;
    if (absl::Status status = created->Commit(); !status.ok()) return status;
    return SegmentFile{name, segment_.row_count(), file_bytes_, checksum};
  }

 private:
  // Where each section and its blocks go.
  void LayOut() {
    for (const SectionList::Section& section : list_.sections()) entries_.push_back(section.entry);
    // How long the table is decides where the first section starts, and the sections' lengths how long the table is.
    std::uint64_t end = 0;
    for (SectionEntry& entry : entries_) {
      entry.offset = RoundUpTo(end, entry.alignment);
      end = RoundUpTo(entry.offset + entry.bytes() + kSectionPaddingBytes, kCacheLineBytes);
    }
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      extents_.push_back((i + 1 < entries_.size() ? entries_[i + 1].offset : end) - entries_[i].offset);
      first_block_.push_back(block_count_);
      block_count_ += BlocksOf(extents_[i]);
    }
    const std::uint64_t begin = kHeaderBytes + RoundUpTo(TableBytes(entries_.size(), block_count_), kPageBytes);
    for (SectionEntry& entry : entries_) entry.offset += begin;  // A multiple of every alignment.
    file_bytes_ = begin + end;
    checksums_.resize(block_count_);
  }

  absl::Status WriteSection(std::size_t index, DurableFile& file) {
    const SectionEntry& entry = entries_[index];
    const Bytes data(list_.sections()[index].data, entry.bytes());
    // Blocks that the data fills are written from where they lie; what is left is made up with zeros.
    const std::uint64_t whole = data.size() / kBlockBytes * kBlockBytes;
    for (std::uint64_t begin = 0; begin < whole; begin += kWriteBytes) {
      const Bytes piece = data.subspan(begin, std::min(kWriteBytes, whole - begin));
      if (absl::Status status = WritePiece(index, begin, piece, file); !status.ok()) return status;
    }
    std::vector<std::byte> rest(extents_[index] - whole);
    std::ranges::copy(data.subspan(whole), rest.begin());
    return WritePiece(index, whole, rest, file);
  }

  absl::Status WritePiece(std::size_t index, std::uint64_t begin, Bytes piece, DurableFile& file) {
    std::uint64_t* const checksums = checksums_.data() + first_block_[index] + begin / kBlockBytes;
    ParallelFor(BlocksOf(piece.size()), [&](std::uint64_t block) {
      const Bytes rest = piece.subspan(block * kBlockBytes);
      checksums[block] = BlockChecksum(rest.first(std::min<std::uint64_t>(rest.size(), kBlockBytes)));
    });
    const std::uint64_t offset = entries_[index].offset + begin;
    if (absl::Status status = file.Write(piece, offset); !status.ok()) return status;
    if (piece.size() == kWriteBytes) file.StartSync(offset, piece.size());
    written_ += piece.size();
    if (progress_) progress_(static_cast<double>(written_) / static_cast<double>(file_bytes_));
    return absl::OkStatus();
  }

  // Fills front_ with header and table; returns the table's checksum.
  WideChecksum MakeTable() {
    front_.resize(entries_[0].offset);
    const std::span<std::byte> table = std::span(front_).subspan(kHeaderBytes);
    const std::uint64_t entry_bytes = entries_.size() * sizeof(SectionEntry);
    std::memcpy(table.data(), entries_.data(), entry_bytes);
    std::memcpy(table.data() + entry_bytes, checksums_.data(), checksums_.size() * sizeof checksums_[0]);
    const WideChecksum checksum = TableChecksum(table);
    SnapshotHeader header{};
    std::memcpy(header.magic, kSnapshotMagic, sizeof header.magic);
    header.version = kSnapshotVersion;
    header.byte_order = kByteOrderMark;
    header.word_bytes = sizeof(void*);
    header.section_count = static_cast<std::uint32_t>(entries_.size());
    header.block_count = block_count_;
    header.file_bytes = file_bytes_;
    header.row_count = segment_.row_count();
    header.schema_fingerprint = SchemaFingerprint();
    header.written_at = std::time(nullptr);
    header.table_checksum[0] = checksum.low;
    header.table_checksum[1] = checksum.high;
    header.header_checksum = HeaderChecksum(header);
    std::memcpy(front_.data(), &header, sizeof header);
    return checksum;
  }

  const Segment& segment_;
  const WriteProgress& progress_;
  const SectionList list_;
  std::vector<SectionEntry> entries_;
  std::vector<std::uint64_t> extents_, first_block_, checksums_;
  std::uint64_t block_count_ = 0, file_bytes_ = 0, written_ = 0;
  std::vector<std::byte> front_;
};

}  // namespace

absl::StatusOr<SegmentFile> WriteSegmentFile(const Segment& segment, const std::string& folder, const std::string& name,
                                             const WriteProgress& progress) {
  assert(segment.is_checked());
  return SegmentWriter(segment, progress).Write(folder, name);
}

}  // namespace clientele
