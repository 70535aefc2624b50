#include "loader/record_fields.h"

#include "loader/features_parser.h"
#include "loader/services_parser.h"
#include "loader/users_parser.h"

namespace clientele {
namespace {

bool ParseTexts(JsonCursor& cursor, std::vector<std::string_view>& texts) {
  if (!cursor.EnterArray("an array of strings")) return false;
  while (cursor.NextElement()) {
    if (!cursor.ReadText(texts.emplace_back())) return false;
  }
  return !cursor.failed();
}

bool SomeUserActivated(const ClientRecord& record) {
  for (std::size_t i = 0; i < record.user_count; ++i) {
    if (record.users[i].activated) return true;
  }
  return false;
}

}  // namespace

void ClearComposites(ClientRecord& record) {
  record.user_count = 0;
  record.capabilities.clear();
  record.service_states.clear();
  record.paid_features.clear();
  record.free_features.clear();
  record.service_flags.clear();
  record.hostnames.clear();
  record.verbatim.fill({});
  record.unknown_members = {};
}

bool ParseComposite(JsonCursor& cursor, const FieldDef& def, ClientRecord& record) {
  const std::size_t offset = cursor.offset();
  bool exact = true;
  bool parsed = false;
  switch (def.kind) {
    case FieldKind::kUsers: parsed = ParseUsers(cursor, record, exact); break;
    case FieldKind::kServiceSet: parsed = ParseServiceSet(cursor, record.capabilities); break;
    case FieldKind::kServiceStates: parsed = ParseServiceStates(cursor, record.service_states, exact); break;
    case FieldKind::kServiceFlags: parsed = ParseServiceFlags(cursor, record.service_flags); break;
    case FieldKind::kTextList: parsed = ParseTexts(cursor, record.hostnames); break;
    default:
      parsed = def.field == Field::kPaidFeatures ? ParseFeatures(cursor, FeaturePrice::kPaid, record.paid_features, exact)
                                                 : ParseFeatures(cursor, FeaturePrice::kFree, record.free_features, exact);
      break;
  }
  if (parsed && !exact) record.verbatim[static_cast<std::size_t>(def.field)] = cursor.RawFrom(offset);
  return parsed;
}

void SetAbsent(const FieldDef& def, ClientRecord& record) {
  ScalarValue& value = record[def.field];
  value.is_null = def.nullable;
  if (!def.nullable) value.integer = def.field == Field::kActivated ? SomeUserActivated(record) : def.default_value;
}

}  // namespace clientele
