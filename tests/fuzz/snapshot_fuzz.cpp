// Any bytes as a snapshot file, and a valid one that is changed here and there and sealed again, so that what stands behind the
// checksums is reached as well. The file is refused with an error, or it opens both ways, tells about itself and, where nothing
// was changed that only checksums vouch for, answers queries.
//
// The first byte says what the rest is:
//   0  a file                    1  a file that is sealed again
//   2  changes to a valid file   3  the same, sealed again; each change is a Change below
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/execute.h"
#include "engine/query_parser.h"
#include "index/segment_builder.h"
#include "index/snapshot_reader.h"
#include "loader/record_parser.h"
#include "tests/index/snapshot_bytes.h"

namespace clientele {
namespace {

void Require(bool condition) {
  if (!condition) std::abort();
}

std::string RecordJson(int i) {
  const std::string n = std::to_string(i);
  const char* const states[] = {"active", "paused", "trial"};
  return R"({"id":)" + std::to_string(i * i % 97 + 1) + R"(,"email":"person)" + n +
         R"(@mail.example","status":"active","companyName":"Company )" + std::to_string(i % 7) + R"(","name":)" +
         (i % 5 == 0 ? "null" : "\"Name " + n + "\"") + R"(,"created_at":"20)" + std::to_string(10 + i % 15) +
         R"(-01-01T00:00:00Z","country_code":)" + (i % 4 == 0 ? "null" : "\"US\"") + R"(,"custom_id":"key )" + n +
         R"(","seller":)" + std::to_string(i % 3) + R"(,"resellers":7,"promocode":"P)" + std::to_string(i % 2) +
         R"(","allowed_traffic_gb":1.5,"deleted":)" + (i % 9 == 0 ? "true" : "false") +
         R"(,"serviceStatuses":{"CDN":{"status":")" + states[i % 3] + R"(","enabled":true}},"secondary_hostnames":["a)" + n +
         R"(.example"],"personal_product_availability":{"DNS":true}})";
}

// A few clients with a value in every index.
const std::string& ValidFile() {
  static const std::string bytes = [] {
    SegmentBuilder builder;
    SegmentBatch batch(builder.shared());
    RecordParser parser;
    ClientRecord record;
    RecordError error;
    for (int i = 0; i < 90; ++i) {
      std::string json = RecordJson(i);
      const std::size_t size = json.size();
      json.append(RecordParser::kPadding, '\0');
      Require(parser.Parse(std::string_view(json).substr(0, size), record, error));
      batch.Append(record);
    }
    builder.Add(0, std::move(batch));
    return SnapshotBytes(*std::move(builder).Seal().segment);
  }();
  return bytes;
}

struct Change {
  enum Kind : std::uint8_t { kSet, kAdd, kEntry, kName, kHeader, kCut, kCopy, kCount, kKinds };
  std::uint8_t kind, section, width, unused;
  std::uint32_t index;
  std::int32_t value;
};
static_assert(sizeof(Change) == 12);

// What only checksums vouch for, or is only met when records are rendered.
bool IsVouchedFor(std::string_view section) {
  return section.ends_with(".text") || section.ends_with("planes") || section.starts_with("records.");
}

class ChangedFile {
 public:
  ChangedFile() : bytes_(ValidFile()), sections_(SectionsOf(bytes_)) {}

  void Apply(const Change& change) {
    const SectionPlace& section = sections_[change.section % sections_.size()];
    const std::size_t width = std::size_t{1} << change.width % 4;
    answers_ = answers_ && !IsVouchedFor(section.name);
    switch (change.kind % Change::kKinds) {
      case Change::kSet:
      case Change::kAdd: {
        const std::size_t elements = (section.end - section.begin) / width;
        if (elements == 0) return;
        std::uint64_t value = 0;
        const std::size_t at = section.begin + change.index % elements * width;
        if (at + width > bytes_.size()) return;
        if (change.kind % Change::kKinds == Change::kAdd) std::memcpy(&value, bytes_.data() + at, width);
        value += static_cast<std::uint64_t>(std::int64_t{change.value});
        std::memcpy(bytes_.data() + at, &value, width);
        return;
      }
      case Change::kEntry: return Put(section.entry + offsetof(SectionEntry, offset) + change.index % 6 * 4, change.value);
      case Change::kName: return Put(section.entry + change.index % 69, change.value);
      case Change::kHeader: return Put(change.index % 22 * 4, change.value);
      case Change::kCut: bytes_.resize(std::min<std::size_t>(bytes_.size(), change.index)); return;
      case Change::kCopy: {
        const SectionPlace& from = sections_[change.index % sections_.size()];
        const std::size_t size = std::min(section.end - section.begin, from.end - from.begin);
        if (std::max(section.begin, from.begin) + size > bytes_.size()) return;
        std::memmove(bytes_.data() + section.begin, bytes_.data() + from.begin, size);
        return;
      }
      default: {
        const std::size_t at = section.entry + offsetof(SectionEntry, count);
        if (at + 8 > bytes_.size()) return;
        std::uint64_t count;
        std::memcpy(&count, bytes_.data() + at, sizeof count);
        count += static_cast<std::uint64_t>(std::int64_t{change.value});
        std::memcpy(bytes_.data() + at, &count, sizeof count);
      }
    }
  }

  std::string& bytes() { return bytes_; }
  bool answers() const { return answers_; }

 private:
  void Put(std::size_t at, std::int32_t value) {
    if (at + 4 <= bytes_.size()) std::memcpy(bytes_.data() + at, &value, 4);
  }

  std::string bytes_;
  const std::vector<SectionPlace> sections_;
  bool answers_ = true;
};

const std::vector<Query>& Queries() {
  static const std::vector<Query> queries = [] {
    std::vector<Query> made;
    for (const char* request :
         {"limit=5", "ordering=-email&offset=3&limit=50", "email=person&limit=100", "status=active&country_code=US,null&limit=9",
          "seller=1&ordering=status,-created_at&limit=20",
          "created_at_gte=2015-01-01&created_at_lte=2019-01-01&ordering=name&limit=20", "cdn=active&limit=0",
          "secondary_hostnames=a1&ordering=companyName,-id&limit=7", "deleted=false&exclude_ids=3&limit=10"}) {
      auto parsed = ParseQueryString(request);
      if (auto* query = std::get_if<Query>(&parsed)) made.push_back(std::move(*query));
    }
    Require(made.size() > 5);
    return made;
  }();
  return queries;
}

void Use(const std::string& bytes, Verify verify, bool answers) {
  const auto opened = OpenSegment(MappedBytes(bytes), {.verify = verify, .on_damage = {}, .huge_from_bytes = 1'000});
  if (!opened.ok()) {
    Require(!opened.status().message().empty());
    return;
  }
  const Segment& segment = *opened->segment;
  Require(!segment.Ledger().empty() && !segment.Dictionaries().empty());
  bool is_whole = segment.RequireRecords({}).ok();
  for (const FieldDef& def : Fields()) {
    for (const IndexPart part : {IndexPart::kValues, IndexPart::kOrder, IndexPart::kTexts})
      is_whole &= segment.Require(def.field, part).ok();
  }
  Require(is_whole || verify == Verify::kLazy);
  if (!answers) return;
  for (const Query& query : Queries()) {
    const auto page = ExecutePage(SnapshotOf(opened->segment), query, {.threads = 1});
    Require(page.ok() || !is_whole);
  }
}

void Try(std::string_view input) {
  if (input.empty()) return;
  const int mode = input[0] % 4;
  input.remove_prefix(1);
  bool answers = false;
  std::string bytes(input);
  if (mode >= 2) {
    ChangedFile changed;
    for (Change change; input.size() >= sizeof change; input.remove_prefix(sizeof change)) {
      std::memcpy(&change, input.data(), sizeof change);
      changed.Apply(change);
    }
    bytes = std::move(changed.bytes());
    answers = changed.answers();
  }
  if (mode % 2 == 1) SealAgain(bytes);
  Use(bytes, Verify::kFull, answers);
  Use(bytes, Verify::kLazy, answers);
}

}  // namespace
}  // namespace clientele

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  clientele::Try({reinterpret_cast<const char*>(data), size});
  return 0;
}
