// One client that is not sealed yet: what filters and orders look at, and the whole record, in one allocation. Never changes once
// made, so any number of threads may read it; made by any thread without a lock.
//
// Texts that are compared in any case are folded already. The record is kept twice: encoded, to be rendered as rows of segments
// are (about 200 bytes), and packed, to be sealed (about half of its JSON).
// Memory: about 1.5 KB for a usual record of 1.7 KB of JSON.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "index/client_record.h"
#include "index/record_codec.h"
#include "index/schema.h"

namespace clientele {

// Texts that some filter or order looks at. Lists are one text, their values joined by kValueSeparator (index/text_search.h).
enum class LiveText : std::uint8_t {
  kEmail,
  kName,
  kCompanyName,
  kHostnames,
  kUserNames,
  kUserEmails,  // Searched for parts.
  kBillType,
  kPromocode,  // Compared as a whole.
  kCustomId,   // The same, and not folded.
};
inline constexpr std::size_t kLiveTextCount = 9;
inline constexpr std::size_t kSearchedTextCount = 6;  // The first ones.

struct LiveRow {
  static constexpr std::uint16_t kNoCountry = static_cast<std::uint16_t>(kCountryCount);

  std::int64_t id = 0;
  std::int64_t created_at_us = 0;  // Since 1970 UTC.
  std::optional<std::int64_t> seller, resellers;
  std::optional<double> allowed_traffic_gb;
  std::uint32_t service_states = 0;     // Packed; see State().
  std::uint16_t country = kNoCountry;   // CountryCode().
  std::uint16_t present = 0;            // Bit i: the text with this number is not null; for lists: has a value.
  std::uint8_t status = 0;              // Index of the word.
  std::uint8_t client_type = 0;         // Index of the word.
  std::uint8_t available_services = 0;  // Bit i: service i is personally available.
  bool deleted = false, is_test = false, activated = false;
  std::array<std::string_view, kLiveTextCount> texts;
  std::span<const std::int64_t> feature_ids;  // Paid and free; ascending, distinct.

  const RecordDictionaries* dictionaries = nullptr;  // What `encoded` is to be read with; outlives the row.
  std::string_view encoded;                          // By RecordEncoder.
  std::string_view packed;                           // By PackRecord.
  std::uint32_t bytes = 0;                           // Of the whole allocation.

  std::string_view Text(LiveText text) const { return texts[static_cast<std::size_t>(text)]; }
  bool Has(LiveText text) const { return (present >> static_cast<unsigned>(text)) & 1; }
  std::uint8_t State(std::size_t service) const { return (service_states >> (3 * service)) & 7; }  // Or kServiceAbsent.

  // The record again, as it was given; its views point into this row. O(bytes), no allocation (index/packed_record.h).
  void Unpack(ClientRecord& record) const;
};

struct LiveRowDeleter {
  void operator()(const LiveRow* row) const;
};
using LiveRowPtr = std::unique_ptr<const LiveRow, LiveRowDeleter>;

// Makes rows; one per thread.
class LiveRowMaker {
 public:
  // The dictionaries must outlive every row that is made: whoever keeps rows keeps them.
  explicit LiveRowMaker(std::shared_ptr<RecordDictionaries> dictionaries);

  // Copies all that the row keeps. O(bytes), one allocation.
  LiveRowPtr Make(const ClientRecord& record);

 private:
  struct TextEnd {
    std::size_t begin = 0, end = 0;
  };
  void CollectTexts(const ClientRecord& record);
  void CollectFeatures(const ClientRecord& record);

  std::shared_ptr<RecordDictionaries> dictionaries_;
  RecordEncoder encoder_;
  std::string bytes_;  // Of the row in the making: texts, encoded, packed.
  std::array<TextEnd, kLiveTextCount> texts_;
  std::uint16_t present_ = 0;
  std::vector<std::int64_t> feature_ids_;
};

// Appends the record's JSON, byte for byte as RenderRecord gives it for a sealed row: the fields of `fields` (bit i: Fields()[i])
// and, when every bit is set, the unknown members. Thread-safe.
void RenderLiveRow(const LiveRow& row, std::uint64_t fields, std::string& out);

}  // namespace clientele
