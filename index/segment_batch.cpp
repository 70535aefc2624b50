#include <algorithm>
#include <cassert>
#include <cstring>
#include <new>
#include <optional>
#include <ranges>

#include "index/case_folding.h"
#include "index/hash_postings.h"
#include "index/segment.h"
#include "index/segment_columns.h"
#include "index/sorted_values.h"

namespace clientele {
namespace {

// Value dictionaries must hold every distinct value, or a filter would miss rows.
constexpr std::uint32_t kDistinctValuesMax = std::uint32_t{1} << 28;

// Ends the item whose bytes have been appended.
void Finish(TextColumn& text, bool is_null) {
  assert(text.bytes.size() < kNullText);
  text.ends.push_back(static_cast<std::uint32_t>(text.bytes.size()) | (is_null ? kNullText : 0));
}

// Appends the folded values of one record's list, joined, as one item.
template <class Values>
void AppendJoined(const Values& values, TextColumn& text) {
  bool first = true;
  for (const std::string_view value : values) {
    if (!first) text.bytes.push_back(kValueSeparator);
    first = false;
    AppendFolded(value, text.bytes);
  }
  Finish(text, false);
}

// Paid and free features together, each once: the filter does not tell them apart.
void AppendFeatures(const ClientRecord& record, IntegerCodes& codes, FieldColumn& column) {
  const std::size_t begin = column.list.size();
  for (const auto* features : {&record.paid_features, &record.free_features}) {
    for (const FeatureValue& feature : *features) column.list.push_back(codes.Code(feature.feature_id));
  }
  const auto first = column.list.begin() + static_cast<std::ptrdiff_t>(begin);
  std::sort(first, column.list.end());
  column.list.erase(std::unique(first, column.list.end()), column.list.end());
  column.list_ends.push_back(static_cast<std::uint32_t>(column.list.size()));
}

std::uint32_t PackStates(const ClientRecord& record) {
  std::uint32_t packed = ~std::uint32_t{0};  // Every service absent: kServiceAbsent is all ones.
  for (const ServiceStateValue& value : record.service_states) {
    const std::uint32_t shift = value.service * kStateBits;
    packed = (packed & ~(std::uint32_t{kServiceAbsent} << shift)) | std::uint32_t{value.state} << shift;
  }
  return packed;
}

std::uint8_t PackFlags(const ClientRecord& record) {
  std::uint8_t packed = 0;
  for (const ServiceFlagValue& value : record.service_flags) {
    if (value.available) packed = static_cast<std::uint8_t>(packed | 1u << value.service);
  }
  return packed;
}

// The code of a text that is compared without regard to case.
std::uint32_t FoldedCode(const ScalarValue& value, Interner& dictionary, std::string& scratch) {
  if (value.is_null) return kNullCode;
  scratch.clear();
  AppendFolded(value.text, scratch);
  return dictionary.Intern(scratch).value();
}

void AppendUsers(const ClientRecord& record, FieldColumn& column, std::vector<std::string_view>& scratch) {
  const std::span users(record.users.data(), record.user_count);
  scratch.clear();
  for (const UserValue& user : users) {
    if (user.has_name && !user.name_is_null) scratch.push_back(user.name);
  }
  AppendJoined(scratch, column.user_names);
  scratch.clear();
  for (const UserValue& user : users) scratch.push_back(user.email);
  AppendJoined(scratch, column.user_emails);
}

// What one column gets of a record.
enum class Part : std::uint8_t {
  kByte,
  kCountry,
  kIntegerCode,
  kFoldedCode,
  kStates,
  kFlags,
  kFeatures,
  kIntegerKey,
  kNumberKey,
  kHash,
  kText,
  kTexts,
  kUsers,
};
struct Step {
  Part part;
  Field field;
};

std::optional<Part> ValuePart(const FieldDef& def) {
  switch (ValueSourceOf(def)) {
    case ValueSource::kNone: return def.equality == EqualityIndex::kHash ? std::optional(Part::kHash) : std::nullopt;
    case ValueSource::kBytes: return Part::kByte;
    case ValueSource::kCountry: return Part::kCountry;
    case ValueSource::kInterned: return def.kind == FieldKind::kInteger ? Part::kIntegerCode : Part::kFoldedCode;
    case ValueSource::kStates: return Part::kStates;
    case ValueSource::kFlags: return Part::kFlags;
    case ValueSource::kFeatures: return Part::kFeatures;
  }
  return std::nullopt;
}

std::optional<Part> KeyOrTextPart(const FieldDef& def) {
  const auto if_any = [](bool wanted, Part part) { return wanted ? std::optional(part) : std::nullopt; };
  switch (def.kind) {
    case FieldKind::kInteger:
    case FieldKind::kTime: return if_any(!def.sort_key.empty(), Part::kIntegerKey);
    case FieldKind::kNumber: return if_any(!def.filters.empty(), Part::kNumberKey);
    case FieldKind::kText: return if_any(!def.sort_key.empty(), Part::kText);
    case FieldKind::kTextList: return Part::kTexts;
    case FieldKind::kUsers: return Part::kUsers;
    default: return std::nullopt;
  }
}

// All steps from a record to the columns, in one list: most fields make one or none.
std::vector<Step> MakeSteps() {
  std::vector<Step> steps;
  for (const FieldDef& def : Fields()) {
    for (const std::optional<Part> part : {ValuePart(def), KeyOrTextPart(def)}) {
      if (part) steps.push_back({*part, def.field});
    }
  }
  return steps;
}

void Run(const Step& step, const ClientRecord& record, const SegmentShared& shared, BatchColumns& columns) {
  const std::size_t field = static_cast<std::size_t>(step.field);
  FieldColumn& column = columns.fields[field];
  const ScalarValue& scalar = record.scalars[field];
  switch (step.part) {
    case Part::kByte: column.bytes.push_back(static_cast<std::uint8_t>(scalar.integer)); return;
    case Part::kCountry:
      column.codes.push_back(scalar.is_null ? kNoCountryCode : static_cast<std::uint32_t>(scalar.integer));
      return;
    case Part::kIntegerCode:
      column.codes.push_back(scalar.is_null ? kNullCode : columns.integer_codes[field]->Code(scalar.integer));
      return;
    case Part::kFoldedCode: column.codes.push_back(FoldedCode(scalar, *shared.values[field], columns.scratch)); return;
    case Part::kStates: column.codes.push_back(PackStates(record)); return;
    case Part::kFlags: column.bytes.push_back(PackFlags(record)); return;
    case Part::kFeatures: AppendFeatures(record, *columns.integer_codes[field], column); return;
    case Part::kIntegerKey: column.keys.push_back(scalar.is_null ? kNullKey : scalar.integer); return;
    case Part::kNumberKey: column.keys.push_back(scalar.is_null ? kNullKey : OrderedBits(scalar.number)); return;
    case Part::kHash:
      column.codes.push_back(scalar.is_null ? kNullCode : HashPostings::Hash(scalar.text));
      column.bytes.push_back(scalar.is_null ? 0 : 1);
      return;
    case Part::kText:
      if (!scalar.is_null) AppendFolded(scalar.text, column.text.bytes);
      Finish(column.text, scalar.is_null);
      return;
    case Part::kTexts: AppendJoined(record.hostnames, column.text); return;
    case Part::kUsers: AppendUsers(record, column, columns.texts); return;
  }
}

}  // namespace

ValueSource ValueSourceOf(const FieldDef& def) {
  if (def.equality != EqualityIndex::kValues) return ValueSource::kNone;
  switch (def.kind) {
    case FieldKind::kWord:
    case FieldKind::kBoolean: return ValueSource::kBytes;
    case FieldKind::kCountry: return ValueSource::kCountry;
    case FieldKind::kInteger:
    case FieldKind::kText: return ValueSource::kInterned;
    case FieldKind::kServiceStates: return ValueSource::kStates;
    case FieldKind::kServiceFlags: return ValueSource::kFlags;
    case FieldKind::kFeatures: return ValueSource::kFeatures;
    default: return ValueSource::kNone;
  }
}

BatchColumns::BatchColumns(const SegmentShared& shared) : encoder(shared.dictionaries), appender(shared.region) {
  for (const FieldDef& def : Fields()) {
    const std::size_t field = static_cast<std::size_t>(def.field);
    if (def.kind != FieldKind::kText && shared.values[field] != nullptr)
      integer_codes[field] = std::make_unique<IntegerCodes>(*shared.values[field]);
  }
}

void BatchColumns::Clear() {
  ForEachArray([](auto& column) { column.clear(); }, *this);
  size = 0;
}

SegmentShared::SegmentShared() : SegmentShared(NewRecordDictionaries(), RecordRegion::kLargestBytes / 4) {}

SegmentShared::SegmentShared(std::shared_ptr<RecordDictionaries> record_dictionaries, std::uint64_t record_bytes_max)
    : dictionaries(std::move(record_dictionaries)) {
  auto reserved = RecordRegion::Reserve(record_bytes_max);
  if (!reserved.ok()) throw std::bad_alloc();
  region = *std::move(reserved);
  for (const FieldDef& def : Fields()) {
    const ValueSource source = ValueSourceOf(def);
    if (source != ValueSource::kInterned && source != ValueSource::kFeatures) continue;
    values[static_cast<std::size_t>(def.field)] = std::make_shared<Interner>(kDistinctValuesMax);
  }
}

std::unique_ptr<BatchColumns> SegmentShared::TakeColumns() {
  std::lock_guard lock(mutex_);
  if (idle_.empty()) return std::make_unique<BatchColumns>(*this);
  auto columns = std::move(idle_.back());
  idle_.pop_back();
  return columns;
}

void SegmentShared::GiveBack(std::unique_ptr<BatchColumns> columns) {
  columns->Clear();
  std::lock_guard lock(mutex_);
  idle_.push_back(std::move(columns));
}

void SegmentShared::FreeIdle() {
  std::lock_guard lock(mutex_);
  idle_.clear();
}

KeptBatch SegmentShared::Keep(BatchColumns& columns) {
  KeptBatch kept;
  kept.size = columns.size;
  {
    std::lock_guard lock(mutex_);
    const auto allocate = [](auto& column, ColumnArena& arena, auto& room) {
      room = arena.Allocate<std::ranges::range_value_t<decltype(column)>>(column.size());
    };
    ForEachArray(allocate, columns, arenas, kept);
  }
  // Copying is what touches the memory for the first time, which takes far longer than finding it.
  const auto copy = [](auto& column, auto& room) {
    if (!room.empty()) std::memcpy(room.data(), column.data(), room.size_bytes());
  };
  ForEachArray(copy, columns, kept);
  return kept;
}

SegmentBatch::SegmentBatch(std::shared_ptr<SegmentShared> shared)
    : shared_(std::move(shared)), columns_(shared_->TakeColumns()) {}
SegmentBatch::~SegmentBatch() {
  if (columns_ != nullptr) shared_->GiveBack(std::move(columns_));
}
SegmentBatch::SegmentBatch(SegmentBatch&&) noexcept = default;
SegmentBatch& SegmentBatch::operator=(SegmentBatch&& other) noexcept {
  std::swap(shared_, other.shared_);
  std::swap(columns_, other.columns_);
  return *this;
}

void SegmentBatch::Append(const ClientRecord& record) {
  static const std::vector<Step> steps = MakeSteps();
  BatchColumns& columns = *columns_;
  // The columns are filled while what the encoder will look up is fetched.
  const auto middle = steps.begin() + static_cast<std::ptrdiff_t>(steps.size() / 2);
  columns.encoder.Begin(record);
  for (auto step = steps.begin(); step != middle; ++step) Run(*step, record, *shared_, columns);
  columns.encoder.Look();
  for (auto step = middle; step != steps.end(); ++step) Run(*step, record, *shared_, columns);

  const std::string_view encoded = columns.encoder.Finish();
  const auto offset = columns.appender.Append({reinterpret_cast<const std::uint8_t*>(encoded.data()), encoded.size()});
  if (!offset) throw std::bad_alloc();
  columns.record_offsets.push_back(*offset);
  ++columns.size;
}

std::uint32_t SegmentBatch::size() const {
  return columns_->size;
}

std::uint64_t SegmentBatch::bytes() const {
  std::uint64_t bytes = 0;
  ForEachArray([&](const auto& column) { bytes += column.size() * sizeof(column[0]); }, *columns_);
  return bytes;
}

}  // namespace clientele
