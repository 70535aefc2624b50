// What a batch of records keeps until the segment is sealed: one column per thing that some index is built from, in input order.
// Internal to index/segment_batch.cpp, which fills it, and index/seal.cpp, which spends it.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <absl/base/thread_annotations.h>

#include "index/interner.h"
#include "index/record_codec.h"
#include "index/record_store.h"
#include "index/segment_builder.h"

namespace clientele {

inline constexpr std::uint32_t kNullCode = std::numeric_limits<std::uint32_t>::max();
inline constexpr std::int64_t kNullKey = std::numeric_limits<std::int64_t>::min();
inline constexpr std::uint32_t kStateBits = 3;  // A service's state, or kServiceAbsent, in a packed word of all services.

// Texts of one field, one item a record, concatenated.
struct TextBuffer {
  std::string bytes;
  std::vector<std::uint32_t> ends;
  std::vector<bool> nulls;

  void Finish(bool is_null) {
    ends.push_back(static_cast<std::uint32_t>(bytes.size()));
    nulls.push_back(is_null);
  }
  void ShrinkToFit() {
    bytes.shrink_to_fit();
    ends.shrink_to_fit();
  }
};

// Which of these are filled follows from the field's kind and schema entry.
struct FieldColumn {
  std::vector<std::uint8_t> bytes;   // kWord, kBoolean: value. kServiceFlags: bit per available service.
  std::vector<std::uint32_t> codes;  // kCountry, kInteger, kText under kValues: value code. kServiceStates: packed. kHash: hash.
  std::vector<std::int64_t> keys;    // Sort or range keys; kNullKey for null.
  std::vector<std::uint32_t> list;   // kFeatures: codes, distinct within a record ...
  std::vector<std::uint32_t> list_ends;  // ... and where each record's end.
  TextBuffer text;                       // kText sort keys; kTextList.
  TextBuffer user_names, user_emails;    // kUsers.

  // Gives back what the columns have grown ahead of their contents; there will be no more of them.
  void ShrinkToFit();
};

struct BatchColumns {
  std::shared_ptr<SegmentShared> shared;
  std::unique_ptr<struct BatchWorker> worker;
  std::uint64_t sequence = 0;
  std::uint32_t size = 0;
  std::array<FieldColumn, kFieldCount> fields;
  std::vector<std::uint64_t> record_offsets;

  FieldColumn& of(Field field) { return fields[static_cast<std::size_t>(field)]; }
};

// What appending needs and what is dear to make: borrowed by one batch at a time.
struct BatchWorker {
  explicit BatchWorker(const SegmentShared& shared);
  RecordEncoder encoder;
  RecordAppender appender;
  std::string scratch;
};

struct SegmentShared {
  SegmentShared();
  SegmentShared(std::shared_ptr<RecordDictionaries> record_dictionaries, std::uint64_t record_bytes_max);

  std::unique_ptr<BatchWorker> TakeWorker();
  void GiveBack(std::unique_ptr<BatchWorker> worker);

  std::shared_ptr<RecordDictionaries> dictionaries;
  std::shared_ptr<RecordRegion> region;
  std::array<std::shared_ptr<Interner>, kFieldCount> values;  // Of fields whose values are interned.

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<BatchWorker>> idle_ ABSL_GUARDED_BY(mutex_);
};

// How a field's values become codes; kNone when no value index is built from it.
enum class ValueSource { kNone, kBytes, kCountry, kInterned, kStates, kFlags, kFeatures };
ValueSource ValueSourceOf(const FieldDef& def);

}  // namespace clientele
