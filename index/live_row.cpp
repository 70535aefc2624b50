#include "index/live_row.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <new>
#include <utility>

#include "index/case_folding.h"
#include "index/packed_record.h"
#include "index/text_search.h"

namespace clientele {
namespace {

std::uint32_t PackStates(const ClientRecord& record) {
  std::uint32_t packed = ~std::uint32_t{0};  // Every service absent: kServiceAbsent is all ones.
  for (const ServiceStateValue& value : record.service_states) {
    const std::uint32_t shift = 3u * value.service;
    packed = (packed & ~(std::uint32_t{kServiceAbsent} << shift)) | std::uint32_t{value.state} << shift;
  }
  return packed;
}

std::uint8_t PackAvailable(const ClientRecord& record) {
  std::uint8_t packed = 0;
  for (const ServiceFlagValue& flag : record.service_flags) {
    if (flag.available) packed = static_cast<std::uint8_t>(packed | 1u << flag.service);
  }
  return packed;
}

std::optional<std::int64_t> Integer(const ScalarValue& value) {
  return value.is_null ? std::nullopt : std::optional(value.integer);
}

// The values that need no room of their own.
void SetValues(const ClientRecord& record, LiveRow& row) {
  row.id = record.id();
  row.created_at_us = record[Field::kCreatedAt].integer;
  row.seller = Integer(record[Field::kSeller]);
  row.resellers = Integer(record[Field::kResellers]);
  if (const ScalarValue& traffic = record[Field::kAllowedTrafficGb]; !traffic.is_null) row.allowed_traffic_gb = traffic.number;
  row.service_states = PackStates(record);
  if (const ScalarValue& country = record[Field::kCountryCode]; !country.is_null) {
    row.country = static_cast<std::uint16_t>(country.integer);
  }
  row.status = static_cast<std::uint8_t>(record[Field::kStatus].integer);
  row.client_type = static_cast<std::uint8_t>(record[Field::kClientType].integer);
  row.available_services = PackAvailable(record);
  row.deleted = record[Field::kDeleted].integer != 0;
  row.is_test = record[Field::kIsTest].integer != 0;
  row.activated = record[Field::kActivated].integer != 0;
}

}  // namespace

void LiveRow::Unpack(ClientRecord& record) const {
  UnpackRecord(packed, record);
}

void LiveRowDeleter::operator()(const LiveRow* row) const {
  row->~LiveRow();
  ::operator delete(const_cast<LiveRow*>(row));
}

LiveRowMaker::LiveRowMaker(std::shared_ptr<RecordDictionaries> dictionaries)
    : dictionaries_(std::move(dictionaries)), encoder_(dictionaries_) {}

void LiveRowMaker::CollectTexts(const ClientRecord& record) {
  present_ = 0;
  const auto add = [&](LiveText number, auto append) {
    TextEnd& text = texts_[static_cast<std::size_t>(number)];
    text.begin = bytes_.size();
    if (append()) present_ = static_cast<std::uint16_t>(present_ | 1u << static_cast<unsigned>(number));
    text.end = bytes_.size();
  };
  const auto add_scalar = [&](LiveText number, Field field) {
    add(number, [&] {
      const ScalarValue& value = record[field];
      if (!value.is_null) AppendFolded(value.text, bytes_);
      return !value.is_null;
    });
  };
  add_scalar(LiveText::kEmail, Field::kEmail);
  add_scalar(LiveText::kName, Field::kName);
  add_scalar(LiveText::kCompanyName, Field::kCompanyName);
  add_scalar(LiveText::kBillType, Field::kBillType);
  add_scalar(LiveText::kPromocode, Field::kPromocode);
  add(LiveText::kCustomId, [&] {
    const ScalarValue& value = record[Field::kCustomId];
    if (!value.is_null) bytes_.append(value.text);
    return !value.is_null;
  });
  bool first = true;
  const auto append_value = [&](std::string_view value) {
    if (!std::exchange(first, false)) bytes_.push_back(kValueSeparator);
    AppendFolded(value, bytes_);
  };
  add(LiveText::kHostnames, [&] {
    for (const std::string_view hostname : record.hostnames) append_value(hostname);
    return !first;
  });
  first = true;
  const std::span users(record.users.data(), record.user_count);
  add(LiveText::kUserNames, [&] {
    for (const UserValue& user : users) {
      if (user.has_name && !user.name_is_null) append_value(user.name);
    }
    return !first;
  });
  first = true;
  add(LiveText::kUserEmails, [&] {
    for (const UserValue& user : users) append_value(user.email);
    return !first;
  });
}

void LiveRowMaker::CollectFeatures(const ClientRecord& record) {
  feature_ids_.clear();
  for (const FeatureValue& feature : record.paid_features) feature_ids_.push_back(feature.feature_id);
  for (const FeatureValue& feature : record.free_features) feature_ids_.push_back(feature.feature_id);
  std::sort(feature_ids_.begin(), feature_ids_.end());
  feature_ids_.erase(std::unique(feature_ids_.begin(), feature_ids_.end()), feature_ids_.end());
}

LiveRowPtr LiveRowMaker::Make(const ClientRecord& record) {
  bytes_.clear();
  CollectTexts(record);
  CollectFeatures(record);
  const std::size_t encoded_begin = bytes_.size();
  encoder_.Append(record, bytes_);
  const std::size_t packed_begin = bytes_.size();
  PackRecord(record, bytes_);

  // The row, its feature ids, its bytes.
  static_assert(sizeof(LiveRow) % alignof(std::int64_t) == 0);
  const std::size_t features_bytes = feature_ids_.size() * sizeof(std::int64_t);
  const std::size_t size = sizeof(LiveRow) + features_bytes + bytes_.size();
  char* const memory = static_cast<char*>(::operator new(size));
  LiveRow* const row = new (memory) LiveRow;
  LiveRowPtr owner(row);
  auto* const features = reinterpret_cast<std::int64_t*>(memory + sizeof(LiveRow));
  char* const bytes = memory + sizeof(LiveRow) + features_bytes;
  if (!feature_ids_.empty()) std::memcpy(features, feature_ids_.data(), features_bytes);
  std::memcpy(bytes, bytes_.data(), bytes_.size());

  SetValues(record, *row);
  row->present = present_;
  for (std::size_t i = 0; i < kLiveTextCount; ++i) row->texts[i] = {bytes + texts_[i].begin, texts_[i].end - texts_[i].begin};
  row->feature_ids = {features, feature_ids_.size()};
  row->dictionaries = dictionaries_.get();
  row->encoded = {bytes + encoded_begin, packed_begin - encoded_begin};
  row->packed = {bytes + packed_begin, bytes_.size() - packed_begin};
  row->bytes = static_cast<std::uint32_t>(size);
  return owner;
}

void RenderLiveRow(const LiveRow& row, std::uint64_t fields, std::string& out) {
  RenderRecord(*row.dictionaries, reinterpret_cast<const std::uint8_t*>(row.encoded.data()), fields, out);
}

}  // namespace clientele
