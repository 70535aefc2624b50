#include "index/snapshot_reader.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <new>
#include <numeric>
#include <utility>
#include <vector>

#include <absl/strings/str_cat.h>

#include "index/absl_view.h"
#include "index/lazy_checks.h"
#include "index/parallel.h"
#include "index/schema_text.h"
#include "index/shared_dictionaries.h"
#include "index/snapshot_check.h"
#include "index/snapshot_sections.h"

namespace clientele {
namespace {

constexpr std::size_t kSchemaSection = 0, kNumbersSection = 1, kFirstArray = 2;

constexpr std::uint64_t kBlocksPerTask = 64;
constexpr std::uint64_t kNeverCopied = ~std::uint64_t{0};

// A section that is to be copied while it is checked.
struct Copy {
  std::size_t section;
  std::byte* to;
};

// Texts that are to become a dictionary.
struct DictionaryTexts {
  Interner* dictionary;
  std::size_t name_section;  // Whose name says which dictionary it is.
  std::span<const char> bytes;
  std::span<const std::uint64_t> ends;
};

// Walks the segment's arrays and the table together: the next section is the array at hand, or that array is empty.
class SectionReader {
 public:
  // Hot arrays from `copied_from_bytes` on are to be copied.
  SectionReader(const SectionTable& table, std::uint64_t copied_from_bytes)
      : table_(table), copied_from_bytes_(copied_from_bytes), numbers_(table.Bytes(kNumbersSection)) {}

  absl::Status Read(Segment::Parts& parts) {
    ListSegment(*this, parts);
    if (!status_.ok()) return status_;
    if (next_ < table_.sections().size())
      return table_.Damaged(absl::StrCat("section ", AbslView(table_.sections()[next_].Name()), " is not expected here"));
    if (numbers_at_ < numbers_.size()) return table_.Damaged("section numbers: too long");
    if (parts.row_count != table_.header().row_count)
      return table_.Damaged("section numbers: another number of rows than the header's");
    return absl::OkStatus();
  }

  const std::vector<Copy>& copies() const { return copies_made_; }
  const std::vector<DictionaryTexts>& dictionaries() const { return dictionaries_; }
  const std::vector<std::size_t>& dictionary_sections() const { return dictionary_sections_; }
  LazyChecks::Sections& lazy_sections() { return lazy_sections_; }

  template <class T>
  void Number(T& value) {
    if (numbers_.size() - numbers_at_ < sizeof value) return Fail("section numbers: too short");
    std::memcpy(&value, numbers_.data() + numbers_at_, sizeof value);
    numbers_at_ += sizeof value;
  }
  template <class T>
  void Hot(std::string_view name, HugeArray<T>& array) {
    Array(name, array, true);
  }
  template <class T>
  void Cold(std::string_view name, HugeArray<T>& array) {
    Array(name, array, false);
  }
  template <class Object>
  void Nested(std::string_view name, Object& object) {
    const std::size_t outer = prefix_.size();
    absl::StrAppend(&prefix_, AbslView(name), ".");
    Object::List(*this, object);
    prefix_.resize(outer);
  }
  void Dictionary(std::string_view name, std::shared_ptr<const Interner>& dictionary) {
    std::uint32_t capacity = 0;
    Number(capacity);
    if (capacity == 0) return;
    auto made = std::make_shared<Interner>(capacity);
    dictionary = made;
    Texts(name, *made);
  }
  void RecordDictionaries(std::string_view name, std::shared_ptr<const class RecordDictionaries>& dictionaries) {
    std::uint32_t capacity = 0;
    Number(capacity);
    auto made = std::make_shared<class RecordDictionaries>(std::max(capacity, 1u));
    dictionaries = made;
    made->ForEach([&](std::string_view one, Interner& texts) { Texts(absl::StrCat(AbslView(name), ".", AbslView(one)), texts); });
  }
  void BeginPart(Field field, IndexPart part) {
    prefix_ = absl::StrCat(AbslView(Def(field).name), ".");
    taken_ = &lazy_sections_.of_part[static_cast<std::size_t>(field) * kIndexPartCount + static_cast<std::size_t>(part)];
  }
  void BeginRecords() {
    prefix_ = "records.";
    taken_ = &lazy_sections_.of_offsets;
  }

 private:
  void Fail(std::string_view what) {
    if (status_.ok()) status_ = table_.Damaged(what);
  }

  // The number of the section with this name, if that is the next one.
  std::optional<std::size_t> Take(std::string_view name, std::size_t element_bytes) {
    if (!status_.ok() || next_ == table_.sections().size()) return std::nullopt;
    const SectionEntry& section = table_.sections()[next_];
    const std::string_view found = section.Name();
    if (!found.starts_with(prefix_) || found.substr(prefix_.size()) != name) return std::nullopt;
    if (section.element_bytes != element_bytes) {
      Fail(absl::StrCat("section ", AbslView(found), ": elements of ", section.element_bytes, " bytes instead of ",
                        element_bytes));
      return std::nullopt;
    }
    return next_++;
  }

  template <class T>
  std::span<const T> Elements(std::size_t section) const {
    return {reinterpret_cast<const T*>(table_.Bytes(section).data()), table_.sections()[section].count};
  }

  template <class T>
  void Array(std::string_view name, HugeArray<T>& array, bool hot) {
    static_assert(HugeArray<T>::kAlignment <= kCacheLineBytes && HugeArray<T>::kPaddingBytes <= kSectionPaddingBytes);
    const auto section = Take(name, sizeof(T));
    if (!section) return;
    const std::span<const T> elements = Elements<T>(*section);
    if (hot && elements.size_bytes() >= copied_from_bytes_) {
      array = HugeArray<T>::Uninitialized(elements.size());
      copies_made_.push_back({*section, reinterpret_cast<std::byte*>(array.data())});
    } else {
      array = HugeArray<T>::ViewOf(elements, table_.file());
    }
    // Records are checked in blocks, all else as a whole.
    (name == "records" ? lazy_sections_.of_records : *taken_).push_back(*section);
  }

  void Texts(std::string_view name, Interner& dictionary) {
    const std::string bytes_name = absl::StrCat(AbslView(name), ".bytes"), ends_name = absl::StrCat(AbslView(name), ".ends");
    DictionaryTexts texts{&dictionary, 0, {}, {}};
    if (const auto section = Take(bytes_name, 1)) {
      texts.bytes = Elements<char>(*section);
      texts.name_section = *section;
      dictionary_sections_.push_back(*section);
    }
    if (const auto section = Take(ends_name, sizeof(std::uint64_t))) {
      texts.ends = Elements<std::uint64_t>(*section);
      texts.name_section = *section;
      dictionary_sections_.push_back(*section);
    }
    if (!texts.bytes.empty() || !texts.ends.empty()) dictionaries_.push_back(texts);
  }

  const SectionTable& table_;
  const std::uint64_t copied_from_bytes_;
  const std::span<const std::byte> numbers_;
  std::size_t numbers_at_ = 0;
  std::size_t next_ = kFirstArray;
  std::string prefix_;
  std::vector<std::size_t>* taken_ = nullptr;
  LazyChecks::Sections lazy_sections_;
  std::vector<Copy> copies_made_;
  std::vector<DictionaryTexts> dictionaries_;
  std::vector<std::size_t> dictionary_sections_;
  absl::Status status_;
};

// Checks schema and numbers, which tell how to read all else.
absl::Status CheckPreamble(const SectionTable& table) {
  const auto sections = table.sections();
  const auto is_text = [&](std::size_t i, std::string_view name) {
    return i < sections.size() && sections[i].Name() == name && sections[i].element_bytes == 1;
  };
  if (!is_text(kSchemaSection, "schema") || !is_text(kNumbersSection, "numbers"))
    return table.Damaged("the section table does not begin with schema and numbers");
  for (const std::size_t section : {kSchemaSection, kNumbersSection}) {
    if (absl::Status status = table.Check(section); !status.ok()) return status;
  }
  const auto bytes = table.Bytes(kSchemaSection);
  const std::string difference = SchemaDifference({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  if (!difference.empty()) {
    return absl::FailedPreconditionError(absl::StrCat(table.file()->path(), ": written for another schema: ", difference));
  }
  if (table.header().schema_fingerprint != SchemaFingerprint())
    return table.Damaged("the header names another schema than it has");
  return absl::OkStatus();
}

// Checks every block of every section, and copies the hot ones while they are in the cache.
absl::Status CheckAndCopy(const SectionTable& table, std::span<const Copy> copies) {
  struct Task {
    std::size_t section;
    std::uint64_t first, last;
    std::byte* to;
  };
  std::vector<Task> tasks;
  std::size_t copy = 0;
  for (std::size_t section = 0; section < table.sections().size(); ++section) {
    std::byte* to = nullptr;
    if (copy < copies.size() && copies[copy].section == section) to = copies[copy++].to;
    for (std::uint64_t block = 0; block < table.BlockCount(section); block += kBlocksPerTask)
      tasks.push_back({section, block, std::min(block + kBlocksPerTask, table.BlockCount(section)), to});
  }
  constexpr std::size_t kNone = ~std::size_t{0};
  std::atomic<std::size_t> first_bad = kNone;  // The first task that came upon a bad block.
  ParallelFor(tasks.size(), [&](std::size_t i) {
    const Task& task = tasks[i];
    const std::uint64_t bytes = table.sections()[task.section].bytes();
    for (std::uint64_t block = task.first; block < task.last; ++block) {
      if (!table.BlockIsGood(task.section, block)) {
        for (std::size_t bad = first_bad.load(); i < bad && !first_bad.compare_exchange_weak(bad, i);) {
        }
        return;
      }
      const std::uint64_t begin = block * kBlockBytes;
      if (task.to != nullptr && begin < bytes)
        std::memcpy(task.to + begin, table.Block(task.section, block).data(), std::min(kBlockBytes, bytes - begin));
    }
  });
  if (first_bad == kNone) return absl::OkStatus();
  const Task& bad = tasks[first_bad];
  std::uint64_t block = bad.first;
  while (block + 1 < bad.last && table.BlockIsGood(bad.section, block)) ++block;
  return table.BadBlock(bad.section, block);
}

// What is wrong with a dictionary's texts; empty when nothing is, and then they are its texts.
std::string FillDictionary(const DictionaryTexts& texts) {
  std::uint64_t begin = 0;
  for (std::size_t code = 0; code < texts.ends.size(); ++code) {
    const std::uint64_t end = texts.ends[code];
    if (end < begin || end > texts.bytes.size()) return "texts out of order";
    if (texts.dictionary->Intern({texts.bytes.data() + begin, end - begin}) != code) return "a text twice, or too many of them";
    begin = end;
  }
  return begin == texts.bytes.size() ? "" : "texts of another length";
}

absl::Status FillDictionaries(const SectionTable& table, std::span<const DictionaryTexts> dictionaries) {
  std::vector<std::string> problems(dictionaries.size());
  ParallelFor(dictionaries.size(), [&](std::size_t i) { problems[i] = FillDictionary(dictionaries[i]); });
  for (std::size_t i = 0; i < problems.size(); ++i) {
    if (problems[i].empty()) continue;
    return table.Damaged(
        absl::StrCat("section ", AbslView(table.sections()[dictionaries[i].name_section].Name()), ": ", problems[i]));
  }
  return absl::OkStatus();
}

// Whether all parts fit together.
absl::Status CheckParts(const SectionTable& table, const Segment::Parts& parts) {
  std::vector<std::string> problems(kFieldCount * kIndexPartCount + 1);
  ParallelFor(problems.size(), [&](std::size_t i) {
    if (i == kFieldCount * kIndexPartCount) {
      problems[i] = parts.records.Problem(parts.row_count);
      return;
    }
    // Part by part and not field by field, so that texts are not looked at before their order.
    problems[i] = PartProblem(parts, static_cast<Field>(i % kFieldCount), static_cast<IndexPart>(i / kFieldCount));
  });
  for (std::size_t i = 0; i < problems.size(); ++i) {
    if (problems[i].empty()) continue;
    const std::string_view name =
        i < kFieldCount * kIndexPartCount ? Fields()[i % kFieldCount].name : std::string_view("records");
    return table.Damaged(absl::StrCat(AbslView(name), ": ", problems[i]));
  }
  return absl::OkStatus();
}

absl::StatusOr<OpenedSegment> Open(std::shared_ptr<const MappedFile> file, const OpenOptions& options) {
  absl::StatusOr<SectionTable> read = SectionTable::Read(std::move(file));
  if (!read.ok()) return read.status();
  const SectionTable& table = *read;
  if (absl::Status status = CheckPreamble(table); !status.ok()) return status;
  const bool is_full = options.verify == Verify::kFull;
  Segment::Parts parts;
  SectionReader reader(table, is_full ? options.huge_from_bytes : kNeverCopied);
  if (absl::Status status = reader.Read(parts); !status.ok()) return status;
  if (absl::Status status = is_full ? CheckAndCopy(table, reader.copies()) : CheckSections(table, reader.dictionary_sections());
      !status.ok())
    return status;
  if (absl::Status status = FillDictionaries(table, reader.dictionaries()); !status.ok()) return status;
  if (options.dictionaries != nullptr && TakeUp(*parts.dictionaries, *options.dictionaries))
    parts.dictionaries = options.dictionaries;
  if (is_full) {
    if (absl::Status status = CheckParts(table, parts); !status.ok()) return status;
  } else {
    parts.unchecked = std::make_shared<LazyChecks>(table, std::move(reader.lazy_sections()), options.on_damage);
  }
  return OpenedSegment{std::make_shared<const Segment>(std::move(parts)), *std::move(read)};
}

}  // namespace

absl::StatusOr<OpenedSegment> OpenSegment(std::shared_ptr<const MappedFile> file, const OpenOptions& options) {
  const std::string path = file->path();
  try {
    return Open(std::move(file), options);
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError(absl::StrCat(path, ": not enough memory for its index"));
  }
}

absl::StatusOr<OpenedSegment> OpenSegmentFile(const std::string& path, const OpenOptions& options) {
  absl::StatusOr<std::shared_ptr<const MappedFile>> file = MappedFile::Open(path);
  if (!file.ok()) return file.status();
  return OpenSegment(*std::move(file), options);
}

}  // namespace clientele
