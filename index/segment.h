// A sealed segment: clients as columns over rows 0 .. row_count-1, ordered at sealing so that similar clients lie together, plus
// the encoded records. Immutable: any number of threads may read it. Made by index/segment_builder.h, or opened from a file by
// index/snapshot_reader.h.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/status.h>

#include "index/folded_text.h"
#include "index/hash_postings.h"
#include "index/interner.h"
#include "index/record_codec.h"
#include "index/record_store.h"
#include "index/schema.h"
#include "index/sort_order.h"
#include "index/sorted_values.h"
#include "index/value_index.h"

namespace clientele {

// The value code of clients without a country.
inline constexpr std::uint32_t kNoCountryCode = static_cast<std::uint32_t>(kCountryCount);

// Everything about one field that some index answers; parts that its schema entry does not ask for stay empty.
struct FieldIndex {
  // Equality. Value codes: kWord and kBoolean their stored value; kCountry its code, or kNoCountryCode; kInteger, kText and
  // kFeatures codes of `dictionary` (8 bytes of the integer, or the folded text); kServiceFlags the services that are available.
  ValueIndex values;
  std::shared_ptr<const Interner> dictionary;
  std::array<ValueIndex, kServiceCount> states;  // kServiceStates: per service, by state.
  HashPostings hashes;                           // EqualityIndex::kHash.

  // Ordering and ranges.
  SortOrder order;
  SortedValues keys;                   // kInteger, kTime, kNumber (as OrderedBits): the key of each group of `order`.
  HugeArray<std::uint8_t> word_codes;  // kWord sort keys: the word of each row.

  // Contains. For kText, one item per group of `order` that has a key; for lists and users one item per row.
  FoldedText texts;
  FoldedText user_names, user_emails;  // kUsers.

  std::uint64_t hot_bytes() const;   // Bitmaps, codes, ranks, permutations.
  std::uint64_t text_bytes() const;  // What contains-searches read.
};

// A field's index falls into three parts, each of which a lazily opened segment checks as a whole.
enum class IndexPart : std::uint8_t {
  kValues,  // Values, states, dictionary, hashes.
  kOrder,   // Order, keys, word codes.
  kTexts,
};
inline constexpr std::size_t kIndexPartCount = 3;

class LazyChecks;

struct PartBytes {
  std::string part;  // "email: order and values", ...
  std::uint64_t bytes;
  bool hot;                        // Counts to the hot index: bitmaps, codes, ranks, permutations.
  std::string_view column, index;  // The same as `part`: "email", "order".
};

// How full a dictionary is.
struct DictionaryFill {
  std::string name;  // "seller: values", "records: domains".
  std::uint32_t size, capacity;
  std::uint64_t bytes;
};

class Segment {
 public:
  struct Parts {
    std::uint32_t row_count = 0;
    std::array<FieldIndex, kFieldCount> fields;
    RecordStore records;
    std::shared_ptr<const RecordDictionaries> dictionaries;
    std::shared_ptr<LazyChecks> unchecked;  // Null when everything is known to be as it was written.
  };
  explicit Segment(Parts parts) : parts_(std::move(parts)) {}

  std::uint32_t row_count() const { return parts_.row_count; }
  const FieldIndex& field(Field field) const { return parts_.fields[static_cast<std::size_t>(field)]; }
  const RecordStore& records() const { return parts_.records; }
  const Parts& parts() const { return parts_; }
  const RecordDictionaries& dictionaries() const { return *parts_.dictionaries; }

  // A segment opened with lazy verification has been checked as a whole only as far as it was used. Before a part is read, it
  // must be required: DataLoss names the section of the file that is not as it was written, and the part must not be read. The
  // first call reads the part; later ones cost one load. Thread-safe.
  bool is_checked() const { return parts_.unchecked == nullptr; }  // Then nothing needs to be required.
  absl::Status Require(Field field, IndexPart part) const;
  bool IsKnownGood(Field field, IndexPart part) const;                     // Whether Require would be OK at once.
  absl::Status RequireRecords(std::span<const std::uint32_t> rows) const;  // The rows' records, and what finds them.

  std::int64_t ClientId(std::uint32_t row) const;                    // O(1).
  std::optional<std::uint32_t> RowOf(std::int64_t client_id) const;  // O(log rows).
  static constexpr std::uint32_t kNoRow = ~std::uint32_t{0};
  // The row of each of these clients, kNoRow for one that is not here. Cheaper than one by one: the cache misses of all look-ups overlap.
  void FindRows(std::span<const std::int64_t> client_ids, std::span<std::uint32_t> rows) const;
  std::vector<std::uint32_t> RowsOf(std::span<const std::int64_t> client_ids) const;  // Of those that are here.

  // Code of a value in field(field).values, nullopt when no row ever held it. O(1) expected.
  std::optional<std::uint32_t> CodeOf(Field field, std::int64_t value) const;
  std::optional<std::uint32_t> CodeOf(Field field, std::string_view folded) const;

  // The texts that a kContains filter searches, and whether their items are rows or groups of the field's order.
  struct SearchedTexts {
    const FoldedText* texts;
    bool by_group;
  };
  SearchedTexts TextsOf(FilterId filter) const;

  std::vector<PartBytes> Ledger() const;  // Every byte held, by part.
  std::vector<DictionaryFill> Dictionaries() const;

 private:
  Parts parts_;
};

// How integers are spelt in a dictionary.
std::string_view IntegerKey(const std::int64_t& value);

}  // namespace clientele
