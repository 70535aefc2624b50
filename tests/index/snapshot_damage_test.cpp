// A snapshot file that is cut, flipped or somebody else's is refused, with the section and the reason: at once when everything is
// verified, and at the latest at the first use when that is lazy.
#include <algorithm>
#include <cstring>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_replace.h>
#include <catch2/catch.hpp>

#include "index/schema_text.h"
#include "index/snapshot_reader.h"
#include "tests/engine/random_world.h"
#include "tests/index/snapshot_bytes.h"

namespace clientele {
namespace {

// Some thousand clients: records and texts of several blocks, and next to nothing empty.
const std::string& WholeFile() {
  static const std::string bytes = [] {
    for (std::uint64_t seed = 1;; ++seed) {
      const RandomWorld world = SmallWorld(seed);
      if (world.oracle->clients().size() > 500) return SnapshotBytes(*OnlySegment(world.snapshot));
    }
  }();
  return bytes;
}

absl::Status OpenFully(std::string_view bytes) {
  return OpenSegment(MappedBytes(bytes), {.verify = Verify::kFull, .on_damage = {}}).status();
}

// Opens lazily and then uses everything; the first refusal.
absl::Status OpenLazilyAndUse(std::string_view bytes) {
  std::vector<absl::Status> told;
  const auto opened = OpenSegment(
      MappedBytes(bytes), {.verify = Verify::kLazy, .on_damage = [&](const absl::Status& damage) { told.push_back(damage); }});
  if (!opened.ok()) return opened.status();
  absl::Status status;
  for (const FieldDef& def : Fields()) {
    for (const IndexPart part : {IndexPart::kValues, IndexPart::kOrder, IndexPart::kTexts}) {
      // The same answer each time, and known to be good only when it is.
      const absl::Status first = opened->segment->Require(def.field, part);
      CHECK(opened->segment->Require(def.field, part) == first);
      CHECK(opened->segment->IsKnownGood(def.field, part) == first.ok());
      status.Update(first);
    }
  }
  std::vector<std::uint32_t> rows(opened->segment->row_count());
  for (std::uint32_t row = 0; row < rows.size(); ++row) rows[row] = row;
  status.Update(opened->segment->RequireRecords(rows));
  CHECK(told.empty() == status.ok());
  // A damage is told once, not with every use.
  std::set<std::string> distinct;
  for (const absl::Status& damage : told) distinct.insert(std::string(damage.message()));
  CHECK(distinct.size() == told.size());
  return status;
}

// The records that no row has: left-out duplicates, and the ends of what each thread wrote. Lazily, nobody ever asks for them.
bool IsUnusedRecord(const SectionPlace& section) {
  return section.name == "records.store.records";
}

bool Refuses(const absl::Status& status) {
  INFO(status);
  return status.code() == absl::StatusCode::kDataLoss || status.code() == absl::StatusCode::kFailedPrecondition;
}

}  // namespace

TEST_CASE("a snapshot as it was written opens both ways", "[snapshot]") {
  CHECK(OpenFully(WholeFile()).ok());
  CHECK(OpenLazilyAndUse(WholeFile()).ok());
  CHECK(SectionsOf(WholeFile()).size() > 100);
}

TEST_CASE("every byte of a snapshot belongs to the header, the table or one section", "[snapshot]") {
  const auto sections = SectionsOf(WholeFile());
  for (std::size_t i = 0; i < sections.size(); ++i) {
    CAPTURE(sections[i].name);
    CHECK(sections[i].end + kSectionPaddingBytes <= sections[i].extent);
    CHECK(sections[i].extent == (i + 1 < sections.size() ? sections[i + 1].begin : WholeFile().size()));
  }
}

TEST_CASE("the ledger of an opened segment has every byte of its file's arrays", "[snapshot]") {
  const auto opened = OpenSegment(MappedBytes(WholeFile()), {.verify = Verify::kLazy});
  REQUIRE(opened.ok());
  std::uint64_t in_ledger = 0, in_file = 0;
  for (const PartBytes& part : opened->segment->Ledger())
    in_ledger += part.index == "dictionary" || part.index == "dictionaries" ? 0 : part.bytes;
  for (const SectionEntry& section : opened->table.sections()) {
    const std::string name(section.Name());
    // Dictionaries are built anew, schema and numbers are not kept.
    if (absl::StrContains(name, "dictionar") || name == "schema" || name == "numbers") continue;
    in_file += section.bytes();
  }
  CHECK(in_ledger == in_file);
}

TEST_CASE("a snapshot cut at any section's edge, or a byte beside it, is refused by name", "[snapshot]") {
  std::set<std::size_t> lengths{0, 1, 7, 8, 87, 88, kHeaderBytes - 1, kHeaderBytes, kHeaderBytes + 1, WholeFile().size() - 1};
  std::vector<SectionPlace> sections = SectionsOf(WholeFile());
  for (const SectionPlace& section : sections) {
    for (const std::size_t edge : {section.begin, section.end}) lengths.insert({edge - 1, edge, edge + 1});
  }
  for (const std::size_t length : lengths) {
    const std::string_view cut = std::string_view(WholeFile()).substr(0, length);
    CAPTURE(length);
    for (const absl::Status& status : {OpenFully(cut), OpenLazilyAndUse(cut)}) {
      CHECK(Refuses(status));
      if (length < sections[0].begin) continue;
      const auto after = std::ranges::upper_bound(sections, length, {}, &SectionPlace::begin);
      CHECK(absl::StrContains(status.message(), absl::StrCat("section ", std::prev(after)->name)));
    }
  }
  // And one that goes on is no better.
  CHECK(Refuses(OpenFully(WholeFile() + '\0')));
  CHECK(Refuses(OpenLazilyAndUse(WholeFile() + WholeFile())));
}

TEST_CASE("a flipped bit in any section is refused by the section's name", "[snapshot]") {
  std::mt19937_64 random(1);
  std::string bytes = WholeFile();
  for (const SectionPlace& section : SectionsOf(bytes)) {
    // First, last, somewhere between, and the padding behind.
    for (const std::size_t at : {section.begin, section.end - 1, section.begin + random() % (section.end - section.begin),
                                 section.end + random() % (section.extent - section.end)}) {
      const char before = bytes[at];
      bytes[at] = static_cast<char>(before ^ (1 << random() % 8));
      CAPTURE(section.name, at - section.begin);
      const absl::Status fully = OpenFully(bytes);
      CHECK(fully.code() == absl::StatusCode::kDataLoss);
      CHECK(absl::StrContains(fully.message(), absl::StrCat("section ", section.name)));
      const absl::Status lazily = OpenLazilyAndUse(bytes);
      if (!IsUnusedRecord(section) || !lazily.ok()) {
        CHECK(lazily.code() == absl::StatusCode::kDataLoss);
        CHECK(absl::StrContains(lazily.message(), absl::StrCat("section ", section.name)));
      }
      bytes[at] = before;
    }
  }
  CHECK(OpenFully(bytes).ok());
}

TEST_CASE("a flipped bit in a record is refused when that record is used, and only then", "[snapshot]") {
  std::string bytes = WholeFile();
  const auto whole = OpenSegment(MappedBytes(bytes), {});
  REQUIRE(whole.ok());
  const RecordStore& records = whole->segment->records();
  const auto sections = SectionsOf(bytes);
  const auto place = std::ranges::find(sections, "records.store.records", &SectionPlace::name);
  REQUIRE(place != sections.end());
  const std::uint32_t rows = whole->segment->row_count();
  std::uint32_t spared = 0;
  for (std::uint32_t damaged = 0; damaged < rows; damaged += rows / 20 + 1) {
    const std::uint64_t offset = records.Offset(damaged);
    bytes[place->begin + offset] = static_cast<char>(bytes[place->begin + offset] ^ 1);
    const auto opened = OpenSegment(MappedBytes(bytes), {.verify = Verify::kLazy, .on_damage = {}});
    REQUIRE(opened.ok());
    for (std::uint32_t row = 0; row < rows; ++row) {
      const bool fine = opened->segment->RequireRecords({&row, 1}).ok();
      if (row == damaged) CHECK_FALSE(fine);
      const std::uint64_t first = records.Offset(row) / kBlockBytes;
      const std::uint64_t last = (records.Offset(row) + EncodedLength(records.Record(row)) - 1) / kBlockBytes;
      CHECK(fine == (offset / kBlockBytes < first || offset / kBlockBytes > last));
      spared += fine;
    }
    bytes[place->begin + offset] = static_cast<char>(bytes[place->begin + offset] ^ 1);
  }
  CHECK(spared > 0);
}

TEST_CASE("a flipped bit anywhere in header or table is refused", "[snapshot]") {
  std::mt19937_64 random(2);
  std::string bytes = WholeFile();
  const std::size_t end = SectionsOf(bytes)[0].begin;
  std::vector<std::size_t> places;
  for (std::size_t at = 0; at < sizeof(SnapshotHeader); ++at) places.push_back(at);
  for (int i = 0; i < 300; ++i) places.push_back(random() % end);
  for (const std::size_t at : places) {
    const char before = bytes[at];
    bytes[at] = static_cast<char>(before ^ (1 << random() % 8));
    CAPTURE(at);
    CHECK(Refuses(OpenFully(bytes)));
    CHECK(Refuses(OpenLazilyAndUse(bytes)));
    bytes[at] = before;
  }
}

TEST_CASE("files of others are refused for what they are", "[snapshot]") {
  const auto message = [](std::string_view bytes) {
    const absl::Status fully = OpenFully(bytes), lazily = OpenLazilyAndUse(bytes);
    CHECK(fully == lazily);
    CHECK(fully.code() == absl::StatusCode::kFailedPrecondition);
    return std::string(fully.message());
  };
  CHECK(absl::StrContains(message(""), "the file is empty"));
  CHECK(absl::StrContains(message("{\"id\":1}\n"), "not a snapshot"));
  CHECK(absl::StrContains(message("CLNT\n\x1A\n" + WholeFile().substr(8)), "not a snapshot"));  // Passed through a text mode.

  std::string bytes = WholeFile();
  auto set = [&](std::size_t at, std::uint32_t value) { std::memcpy(bytes.data() + at, &value, sizeof value); };
  set(offsetof(SnapshotHeader, version), kSnapshotVersion + 1);
  SealAgain(bytes);
  CHECK(absl::StrContains(message(bytes), "format version 2; this program reads version 1"));

  bytes = WholeFile();
  set(offsetof(SnapshotHeader, byte_order), __builtin_bswap32(kByteOrderMark));
  SealAgain(bytes);
  CHECK(absl::StrContains(message(bytes), "another byte order"));

  bytes = WholeFile();
  set(offsetof(SnapshotHeader, word_bytes), 4);
  SealAgain(bytes);
  CHECK(absl::StrContains(message(bytes), "words of 4 bytes, not 8"));
}

TEST_CASE("a snapshot of another schema is refused with the first field that differs", "[snapshot]") {
  std::string bytes = WholeFile();
  const std::size_t at = bytes.find("new|preparation|trial");
  const std::size_t word = at == std::string::npos ? bytes.find("|deleted", SectionsOf(bytes)[0].begin) : at;
  REQUIRE(word < SectionsOf(bytes)[0].end);
  bytes[word + 1] = 'X';
  SealAgain(bytes);
  const absl::Status status = OpenFully(bytes);
  CHECK(status.code() == absl::StatusCode::kFailedPrecondition);
  CHECK(absl::StrContains(status.message(), "another schema: it has '"));
  CHECK(OpenLazilyAndUse(bytes) == status);
}

TEST_CASE("the schema text tells field from field, and differences by line", "[snapshot]") {
  CHECK(SchemaDifference(SchemaText()) == "");
  const std::string changed = absl::StrReplaceAll(SchemaText(), {{"email: kind", "mail: kind"}});
  CHECK(absl::StartsWith(SchemaDifference(changed), "it has 'mail: kind"));
  CHECK(SchemaDifference("") != "");
  CHECK(SchemaDifference(SchemaText() + "more") != "");
}

// Checksums vouch for what was written; these are the files that were never written so.
TEST_CASE("arrays that do not fit together are refused though their checksums are right", "[snapshot]") {
  const auto sections = SectionsOf(WholeFile());
  const auto changed = [&](std::string_view name, std::uint32_t value, std::size_t index = 0) {
    const auto section = std::ranges::find(sections, name, &SectionPlace::name);
    CAPTURE(name);
    REQUIRE(section != sections.end());
    std::string bytes = WholeFile();
    std::memcpy(bytes.data() + section->begin + 4 * index, &value, sizeof value);
    SealAgain(bytes);
    const absl::Status fully = OpenFully(bytes), lazily = OpenLazilyAndUse(bytes);
    CHECK(fully.code() == absl::StatusCode::kDataLoss);
    CHECK(lazily.code() == absl::StatusCode::kDataLoss);
    return std::string(fully.message());
  };
  CHECK(absl::StrContains(changed("email.order.row_at", 1 << 30), "email: a row or position past the last"));
  CHECK(absl::StrContains(changed("created_at.order.position_of", 1 << 30), "created_at: a row or position past the last"));
  CHECK(absl::StrContains(changed("name.order.group_starts.before", 7), "name: a wrong count of bits"));
  CHECK(absl::StrContains(changed("status.values.values", 1 << 30), "status: "));
  CHECK(absl::StrContains(changed("id.keys.narrow", 1 << 30), "id: values that do not ascend"));
  CHECK(absl::StrContains(changed("email.texts.block_starts", 1 << 30, 2), "email: blocks out of order"));
  CHECK(absl::StrContains(changed("records.store.offsets", ~0u), "records: a record past the last"));
  CHECK(absl::StrContains(changed("records.dictionaries.domains.ends", 1 << 30),
                          "section records.dictionaries.domains.ends: texts out of order"));
  CHECK(absl::StrContains(changed("status.word_codes", 0xFFFFFFFF), "status: a word that the schema does not know"));
  CHECK(absl::StrContains(changed("numbers", 1 << 30), "numbers"));
}

}  // namespace clientele
