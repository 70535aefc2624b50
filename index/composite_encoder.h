// Encodes the composite fields of a record: users, features, services and lists of texts. One thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "index/client_record.h"
#include "index/fragment_gate.h"
#include "index/row_bytes.h"
#include "index/text_encoder.h"

namespace clientele {

// What encoders of one record have in common: the way into each dictionary.
struct EncoderGates {
  explicit EncoderGates(RecordDictionaries& dictionaries);
  DictionaryGate* OfField(Field field) { return fields[static_cast<std::size_t>(field)].get(); }

  std::array<std::unique_ptr<DictionaryGate>, kFieldCount> fields;  // Null for fields without texts.
  DictionaryGate languages, group_lists, auth_lists;
  FragmentGate user_tails, features;
  TextEncoder texts;
};

class CompositeEncoder {
 public:
  explicit CompositeEncoder(EncoderGates& gates) : gates_(gates) {}

  // Writes the payload of one composite field (index/record_format.h); nothing when the field is empty.
  void Put(Field field, const ClientRecord& record, RowWriter& out);

 private:
  void PutUsers(const ClientRecord& record, RowWriter& out);
  void PutUser(const ClientRecord& record, const UserValue& user, std::int64_t previous_id, RowWriter& out);
  std::uint32_t TailState(const UserValue& user);
  void PutTail(const UserValue& user, std::uint32_t state, RowWriter& out);
  void PutFeatures(const std::vector<FeatureValue>& features, RowWriter& out);
  std::optional<std::uint32_t> FeatureCode(const FeatureValue& feature);
  void PutFeature(const FeatureValue& feature, RowWriter& out);

  EncoderGates& gates_;
  RowWriter key_;                // Of a fragment.
  std::string json_;             // Of a list.
  std::uint32_t tail_code_ = 0;  // Of the user at hand, if it has one.
};

}  // namespace clientele
