#include "loader/mapping_trial.h"

#include "loader/csv_columns.h"
#include "loader/csv_record_parser.h"
#include "loader/mapping_translator.h"
#include "loader/record_parser.h"

namespace clientele {
namespace {

constexpr std::size_t kRefusalsKept = 5;

bool IsFilled(const ClientRecord& record, const FieldDef& def) {
  switch (def.kind) {
    case FieldKind::kUsers: return record.user_count > 0;
    case FieldKind::kServiceSet: return !record.capabilities.empty();
    case FieldKind::kServiceStates: return !record.service_states.empty();
    case FieldKind::kServiceFlags: return !record.service_flags.empty();
    case FieldKind::kTextList: return !record.hostnames.empty();
    case FieldKind::kFeatures: return !(def.field == Field::kPaidFeatures ? record.paid_features : record.free_features).empty();
    case FieldKind::kText: return !record[def.field].is_null && !record[def.field].text.empty();
    default: return !record[def.field].is_null;
  }
}

// Parses records as a load would.
class Trial {
 public:
  Trial(const std::shared_ptr<const Mapping>& mapping, RecordSample& sample) : sample_(sample) {
    if (mapping != nullptr) translator_ = std::make_unique<MappingTranslator>(mapping);
    rows_fit_ = sample.header() == nullptr || mapping != nullptr || CheckClientHeader(*sample.header()).ok();
  }

  TrialReport Run() {
    TrialReport report;
    for (std::size_t i = 0; i < sample_.size(); ++i) {
      const ForeignRecord foreign = sample_.record(i);
      error_ = {};
      if (Parse(foreign)) {
        ++report.loaded;
        for (const FieldDef& def : Fields()) report.filled[static_cast<std::size_t>(def.field)] += IsFilled(record_, def) ? 1 : 0;
      } else if (++report.refused <= kRefusalsKept) {
        report.first_refusals.push_back({foreign.line, error_});
      }
    }
    return report;
  }

 private:
  bool Parse(const ForeignRecord& foreign) {
    if (translator_ != nullptr) {
      if (!translator_->Translate(foreign, json_, error_)) return false;
      const std::size_t size = json_.size();
      json_.append(RecordParser::kPadding, ' ');
      if (records_.Parse(std::string_view(json_).substr(0, size), record_, error_)) return true;
      translator_->Locate(foreign, error_);
      return false;
    }
    if (foreign.header == nullptr) return records_.Parse(foreign.json, record_, error_);
    return rows_fit_ && rows_.Parse(sample_.header(), *foreign.row, record_, error_);
  }

  RecordSample& sample_;
  std::unique_ptr<MappingTranslator> translator_;
  bool rows_fit_ = true;
  RecordParser records_;
  CsvRecordParser rows_;
  ClientRecord record_;
  RecordError error_;
  std::string json_;
};

}  // namespace

TrialReport TryLoading(const std::shared_ptr<const Mapping>& mapping, RecordSample& sample) {
  return Trial(mapping, sample).Run();
}

}  // namespace clientele
