#include "loader/mapping_translator.h"

#include <algorithm>

#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>

#include "index/absl_view.h"
#include "loader/json_pointer.h"
#include "loader/json_text.h"

namespace clientele {
namespace {

// Escaping text that is known to be UTF-8 costs a look at its bytes when there is nothing to escape.
void AppendJsonText(std::string_view text, std::string& out) {
  const bool is_plain =
      std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; });
  if (!is_plain) return AppendJsonString(text, out);
  out += '"';
  out += text;
  out += '"';
}

bool IsComposite(FieldKind kind) {
  return kind >= FieldKind::kTextList;
}

// The states in which a service runs unless a mapping says otherwise.
bool RunsIn(std::string_view state) {
  return state == "active" || state == "trial";
}

}  // namespace

MappingTranslator::MappingTranslator(std::shared_ptr<const Mapping> mapping)
    : mapping_(std::move(mapping)), reader_(*mapping_), evaluator_(*mapping_, reader_) {}

RecordTranslatorFactory TranslatorsFor(std::shared_ptr<const Mapping> mapping) {
  return [mapping = std::move(mapping)] { return std::make_unique<MappingTranslator>(mapping); };
}

bool MappingTranslator::Translate(const ForeignRecord& in, std::string& client_json, RecordError& error) {
  if (!Read(in, error)) return false;
  // Unsigned, and cut to what is positive: millions of inputs may wrap round, but not into undefined behaviour.
  const std::uint64_t number = in.line + std::uint64_t{kRowsPerInput} * in.input;
  evaluator_.StartRecord(static_cast<std::int64_t>(number & ((std::uint64_t{1} << 62) - 1)));
  out_ = &client_json;
  out_->assign(1, '{');
  // Users and features may refer to the client's own fields, so those come first.
  if (!EvaluateScalars(error)) return false;
  for (const FieldDef& def : Fields()) {
    if (!WriteField(def, error)) return false;
  }
  if (const std::string_view kept = reader_.kept(); !kept.empty()) {
    if (out_->size() > 1) *out_ += ',';
    *out_ += kept;
  }
  *out_ += '}';
  return true;
}

bool MappingTranslator::Read(const ForeignRecord& in, RecordError& error) {
  if (in.header == nullptr) {
    header_ = nullptr;
    return reader_.ReadJson(in.json, error);
  }
  if (const absl::Status status = CheckHeader(*in.header, in.input); !status.ok()) {
    error = {};
    error.expected = std::string(StdView(status.message()));
    return false;
  }
  reader_.ReadRow(in.cells);
  return true;
}

absl::Status MappingTranslator::CheckHeader(const CsvHeader& header, std::uint32_t input) {
  if (&header == header_ && input == header_input_) return absl::OkStatus();
  const std::vector<std::string_view> names(header.names.begin(), header.names.end());
  const absl::Status status = reader_.SetHeader(names);
  header_ = status.ok() ? &header : nullptr;
  header_input_ = input;
  return status;
}

void MappingTranslator::Locate(const ForeignRecord& /*in*/, RecordError& error) {
  const std::string_view pointer = error.pointer;
  if (pointer.empty()) return;
  const auto field = FindField(pointer.substr(1, pointer.find('/', 1) - 1));
  if (!field) return;
  const auto& sources = mapping_->sources_of[static_cast<std::size_t>(*field)];
  absl::StrAppend(&error.expected, " for ", AbslView(pointer.substr(1)));
  if (sources.size() != 1) return;
  const RecordError place = reader_.Locate(sources.front());
  error.pointer = place.pointer;
  error.column = place.column;
}

bool MappingTranslator::EvaluateScalars(RecordError& error) {
  for (const FieldDef& def : Fields()) {
    const auto& rule = mapping_->scalars[static_cast<std::size_t>(def.field)];
    if (!rule) continue;
    MappedValue value;
    const RuleOutcome outcome = evaluator_.Evaluate(*rule, value, error);
    if (outcome == RuleOutcome::kError) return false;
    if (outcome == RuleOutcome::kValue) evaluator_.SetClientValue(def.field, value);
  }
  return true;
}

void MappingTranslator::WriteName(std::string_view name) {
  const char last = out_->back();
  if (last != '{' && last != '[') *out_ += ',';
  *out_ += '"';
  *out_ += name;
  *out_ += "\":";
}

void MappingTranslator::WriteValue(const MappedValue& value) {
  if (value.quoted) {
    AppendJsonText(value.text, *out_);
  } else {
    *out_ += value.text;
  }
}

bool MappingTranslator::WriteField(const FieldDef& def, RecordError& error) {
  const auto at = static_cast<std::size_t>(def.field);
  if (!IsComposite(def.kind)) {
    if (const MappedValue* value = evaluator_.ClientValue(def.field)) {
      WriteName(def.name);
      WriteValue(*value);
    }
    return true;
  }
  if (def.kind == FieldKind::kUsers) return mapping_->users.empty() || WriteUsers(error);
  if (mapping_->lists[at]) return WriteList(def, error);
  if (!mapping_->services[at].empty()) return WriteServices(def, error);
  return mapping_->features[at].empty() || WriteFeatures(def, error);
}

bool MappingTranslator::WriteList(const FieldDef& def, RecordError& error) {
  if (!evaluator_.EvaluateList(*mapping_->lists[static_cast<std::size_t>(def.field)], values_, error)) return false;
  WriteName(def.name);
  *out_ += '[';
  for (std::size_t i = 0; i < values_.size(); ++i) {
    if (i > 0) *out_ += ',';
    WriteValue(values_[i]);
  }
  *out_ += ']';
  return true;
}

bool MappingTranslator::WriteServices(const FieldDef& def, RecordError& error) {
  const bool is_set = def.kind == FieldKind::kServiceSet;
  WriteName(def.name);
  *out_ += is_set ? '[' : '{';
  for (const ServiceRule& rule : mapping_->services[static_cast<std::size_t>(def.field)]) {
    MappedValue value;
    const RuleOutcome outcome = evaluator_.Evaluate(rule.value, value, error);
    if (outcome == RuleOutcome::kError) return false;
    if (outcome == RuleOutcome::kEmpty) continue;
    const std::string_view service = kServiceNames[rule.service];
    if (is_set) {
      if (value.text != "true") continue;
      if (out_->back() != '[') *out_ += ',';
      absl::StrAppend(out_, "\"", AbslView(service), "\"");
      continue;
    }
    WriteName(service);
    if (def.kind == FieldKind::kServiceFlags) {
      WriteValue(value);
      continue;
    }
    MappedValue enabled{.text = RunsIn(value.text) ? "true" : "false", .quoted = false};
    if (rule.enabled && evaluator_.Evaluate(*rule.enabled, enabled, error) == RuleOutcome::kError) return false;
    absl::StrAppend(out_, "{\"status\":\"", AbslView(value.text), "\",\"enabled\":", AbslView(enabled.text), "}");
  }
  *out_ += is_set ? ']' : '}';
  return true;
}

void MappingTranslator::WriteClientValue(Field field, std::string_view otherwise) {
  if (const MappedValue* value = evaluator_.ClientValue(field)) {
    WriteValue(*value);
  } else {
    *out_ += otherwise;
  }
}

bool MappingTranslator::WriteFeature(const FieldDef& def, const FeatureRule& rule, bool& is_first, RecordError& error) {
  if (!evaluator_.Holds(rule.when, rule.unless)) return true;
  MappedValue id, name, value;
  const RuleOutcome outcome = evaluator_.Evaluate(rule.feature_id, id, error);
  if (outcome != RuleOutcome::kValue) return outcome == RuleOutcome::kEmpty;
  if (evaluator_.Evaluate(rule.name, name, error) == RuleOutcome::kError) return false;
  const std::string_view service = kServiceNames[rule.service];
  if (is_first) {
    WriteName(service);
    *out_ += '[';
    is_first = false;
  } else {
    *out_ += ',';
  }
  absl::StrAppend(out_, "{\"feature_id\":", AbslView(id.text), ",\"name\":");
  WriteValue(name);
  absl::StrAppend(out_, ",\"service\":\"", AbslView(service), "\",\"create_date\":");
  RuleOutcome given = rule.create_date ? evaluator_.Evaluate(*rule.create_date, value, error) : RuleOutcome::kEmpty;
  if (given == RuleOutcome::kError) return false;
  given == RuleOutcome::kValue ? WriteValue(value) : WriteClientValue(Field::kCreatedAt, "null");
  *out_ += def.field == Field::kPaidFeatures ? ",\"paid_feature_id\":" : ",\"free_feature_id\":";
  given = rule.link_id ? evaluator_.Evaluate(*rule.link_id, value, error) : RuleOutcome::kEmpty;
  if (given == RuleOutcome::kError) return false;
  if (given == RuleOutcome::kValue) {
    WriteValue(value);
  } else {
    const std::string_view link[] = {def.name, evaluator_.ClientValue(Field::kId)->text, id.text};
    absl::StrAppend(out_, StableId(link));
  }
  *out_ += '}';
  return true;
}

bool MappingTranslator::WriteFeatures(const FieldDef& def, RecordError& error) {
  WriteName(def.name);
  *out_ += '{';
  bool is_first = true;
  const auto& rules = mapping_->features[static_cast<std::size_t>(def.field)];  // By service.
  for (std::size_t i = 0; i < rules.size(); ++i) {
    if (i > 0 && rules[i].service != rules[i - 1].service) {
      if (!is_first) *out_ += ']';
      is_first = true;
    }
    if (!WriteFeature(def, rules[i], is_first, error)) return false;
  }
  if (!is_first) *out_ += ']';
  *out_ += '}';
  return true;
}

bool MappingTranslator::WriteUsers(RecordError& error) {
  WriteName("users");
  *out_ += '[';
  for (std::size_t i = 0; i < mapping_->users.size(); ++i) {
    if (!WriteUser(mapping_->users[i], i, error)) return false;
  }
  *out_ += ']';
  return true;
}

bool MappingTranslator::WriteUser(const UserRule& rule, std::size_t position, RecordError& error) {
  if (!evaluator_.Holds(rule.when, rule.unless)) return true;
  MappedValue email;
  const RuleOutcome outcome = evaluator_.Evaluate(*rule.members[static_cast<std::size_t>(UserMember::kEmail)], email, error);
  if (outcome != RuleOutcome::kValue) return outcome == RuleOutcome::kEmpty;
  if (out_->back() != '[') *out_ += ',';
  *out_ += '{';
  for (std::size_t member = 0; member < kUserMemberCount; ++member) {
    if (!WriteUserMember(rule, member, position, error)) return false;
  }
  *out_ += '}';
  return true;
}

bool MappingTranslator::WriteUserMember(const UserRule& rule, std::size_t member, std::size_t position, RecordError& error) {
  const auto& given = rule.members[member];
  const auto which = static_cast<UserMember>(member);
  if (!given && (which == UserMember::kName || which == UserMember::kPhone)) return true;  // The only ones that may be missing.
  WriteName(UserMembers()[member].name);
  MappedValue value;
  const RuleOutcome outcome = given ? evaluator_.Evaluate(*given, value, error) : RuleOutcome::kEmpty;
  if (outcome == RuleOutcome::kError) return false;
  if (outcome == RuleOutcome::kValue) {
    WriteValue(value);
    return true;
  }
  switch (which) {
    case UserMember::kId: {
      const std::string place = absl::StrCat(position);
      const std::string_view user[] = {"users", evaluator_.ClientValue(Field::kId)->text, place};
      absl::StrAppend(out_, StableId(user));
      break;
    }
    case UserMember::kName:
    case UserMember::kPhone: *out_ += "null"; break;
    case UserMember::kLang: *out_ += "\"en\""; break;
    case UserMember::kCompany: WriteClientValue(Field::kCompanyName, "\"\""); break;
    case UserMember::kReseller: WriteClientValue(Field::kResellers, "null"); break;
    case UserMember::kClient: WriteClientValue(Field::kId, "null"); break;
    case UserMember::kGroups:
    case UserMember::kAuthTypes: *out_ += "[]"; break;
    default: *out_ += "false"; break;
  }
  return true;
}

}  // namespace clientele
