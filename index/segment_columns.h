// What is kept of records until the segment is sealed: one column per thing that some index is built from, batch by batch, in
// input order. Internal to index/segment_batch.cpp, which fills the columns, and index/seal.cpp, which spends them.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <absl/base/thread_annotations.h>

#include "index/column_arena.h"
#include "index/integer_codes.h"
#include "index/interner.h"
#include "index/record_codec.h"
#include "index/record_store.h"
#include "index/segment_builder.h"
#include "index/text_buffer.h"

namespace clientele {

inline constexpr std::uint32_t kNullCode = std::numeric_limits<std::uint32_t>::max();
inline constexpr std::int64_t kNullKey = std::numeric_limits<std::int64_t>::min();
inline constexpr std::uint32_t kStateBits = 3;  // A service's state, or kServiceAbsent, in a packed word of all services.

// In place of the end of a text: it is null. A batch has fewer than 2 GiB of texts.
inline constexpr std::uint32_t kNullText = std::uint32_t{1} << 31;

// Texts of one field, one item a record, concatenated. `ends` hold where each ends, and kNullText where it is null.
template <template <class> class Array>
struct TextColumnOf {
  Array<char> bytes;
  Array<std::uint32_t> ends;
};

// What is kept of one field, as columns. Which of them are filled follows from the field's kind and schema entry.
template <template <class> class Array>
struct FieldColumnOf {
  Array<std::uint8_t> bytes;       // kWord, kBoolean: value. kServiceFlags: bit per available service.
  Array<std::uint32_t> codes;      // kCountry, kInteger, kText under kValues: value code. kServiceStates: packed. kHash: hash.
  Array<std::int64_t> keys;        // Sort or range keys; kNullKey for null.
  Array<std::uint32_t> list;       // kFeatures: codes, distinct within a record ...
  Array<std::uint32_t> list_ends;  // ... and where each record's end.
  TextColumnOf<Array> text;        // kText sort keys; kTextList.
  TextColumnOf<Array> user_names, user_emails;  // kUsers.
};

template <template <class> class Array>
struct BatchColumnsOf {
  std::array<FieldColumnOf<Array>, kFieldCount> fields;
  Array<std::uint64_t> record_offsets;

  FieldColumnOf<Array>& of(Field field) { return fields[static_cast<std::size_t>(field)]; }
  const FieldColumnOf<Array>& of(Field field) const { return fields[static_cast<std::size_t>(field)]; }
};

// Calls visit(array ...) for each array of some sets of columns, with that of every set.
template <class Visit, class... Sets>
void ForEachArray(Visit visit, Sets&... sets) {
  for (std::size_t field = 0; field < kFieldCount; ++field) {
    visit(sets.fields[field].bytes...);
    visit(sets.fields[field].codes...);
    visit(sets.fields[field].keys...);
    visit(sets.fields[field].list...);
    visit(sets.fields[field].list_ends...);
    visit(sets.fields[field].text.bytes...);
    visit(sets.fields[field].text.ends...);
    visit(sets.fields[field].user_names.bytes...);
    visit(sets.fields[field].user_names.ends...);
    visit(sets.fields[field].user_emails.bytes...);
    visit(sets.fields[field].user_emails.ends...);
  }
  visit(sets.record_offsets...);
}

// The three forms: growing while records are appended, then kept as they are, in an arena each.
template <class T>
using GrowingArray = std::conditional_t<std::is_same_v<T, char>, TextBuffer, std::vector<T>>;
template <class T>
using KeptArray = std::span<T>;
template <class T>
using ArenaOfArray = ColumnArena;

using TextColumn = TextColumnOf<GrowingArray>;
using FieldColumn = FieldColumnOf<GrowingArray>;
using KeptTexts = TextColumnOf<KeptArray>;
using KeptColumn = FieldColumnOf<KeptArray>;
using ColumnArenas = BatchColumnsOf<ArenaOfArray>;

// A batch in the making. Borrowed by one batch after the other, so that the columns, which have grown, stay in the cache, and
// what appending needs is made once.
struct BatchColumns : BatchColumnsOf<GrowingArray> {
  explicit BatchColumns(const SegmentShared& shared);
  void Clear();

  std::uint32_t size = 0;
  RecordEncoder encoder;
  RecordAppender appender;
  std::array<std::unique_ptr<IntegerCodes>, kFieldCount> integer_codes;  // Of fields whose values are interned integers.
  std::string scratch;
  std::vector<std::string_view> texts;  // Scratch, too.
};

// A finished batch, in the arenas.
struct KeptBatch : BatchColumnsOf<KeptArray> {
  std::uint64_t sequence = 0;
  std::uint32_t size = 0;
};

struct SegmentShared {
  SegmentShared();
  SegmentShared(std::shared_ptr<RecordDictionaries> record_dictionaries, std::uint64_t record_bytes_max);

  std::unique_ptr<BatchColumns> TakeColumns();
  void GiveBack(std::unique_ptr<BatchColumns> columns);
  void FreeIdle();  // What was given back.

  // Copies a batch's columns into the arenas.
  KeptBatch Keep(BatchColumns& columns);

  std::shared_ptr<RecordDictionaries> dictionaries;
  std::shared_ptr<RecordRegion> region;
  std::array<std::shared_ptr<Interner>, kFieldCount> values;  // Of fields whose values are interned.
  ColumnArenas arenas;                                        // Grow under the mutex.

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<BatchColumns>> idle_ ABSL_GUARDED_BY(mutex_);
};

// How a field's values become codes; kNone when no value index is built from it.
enum class ValueSource { kNone, kBytes, kCountry, kInterned, kStates, kFlags, kFeatures };
ValueSource ValueSourceOf(const FieldDef& def);

}  // namespace clientele
