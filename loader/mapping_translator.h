// A mapping at work: makes the JSON of a client record of a foreign record. See docs/mapping.md.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "loader/foreign_record.h"
#include "loader/mapping.h"
#include "loader/mapping_evaluator.h"
#include "loader/record_translator.h"

namespace clientele {

// One per thread. Costs about as much as parsing the record that it makes.
class MappingTranslator : public RecordTranslator {
 public:
  explicit MappingTranslator(std::shared_ptr<const Mapping> mapping);

  // InvalidArgument when a column that the mapping wants is missing, or is there twice, with the nearest one.
  absl::Status CheckHeader(const CsvHeader& header, std::uint32_t input) override;

  // The error's pointer is the column, or the JSON pointer in the foreign record, whose value is wrong; `expected` says for which
  // field. The row's header must have passed CheckHeader.
  bool Translate(const ForeignRecord& in, std::string& client_json, RecordError& error) override;
  void Locate(const ForeignRecord& in, RecordError& error) override;

  // Between the numbers, for the rules' `row`, of the records of one input and those of the next.
  static constexpr std::int64_t kRowsPerInput = 1'000'000'000'000;

 private:
  bool Read(const ForeignRecord& in, RecordError& error);
  bool EvaluateScalars(RecordError& error);
  bool WriteField(const FieldDef& def, RecordError& error);
  bool WriteList(const FieldDef& def, RecordError& error);
  bool WriteServices(const FieldDef& def, RecordError& error);
  bool WriteFeatures(const FieldDef& def, RecordError& error);
  bool WriteFeature(const FieldDef& def, const FeatureRule& rule, bool& is_first, RecordError& error);
  bool WriteUsers(RecordError& error);
  bool WriteUser(const UserRule& rule, std::size_t position, RecordError& error);
  bool WriteUserMember(const UserRule& rule, std::size_t member, std::size_t position, RecordError& error);
  void WriteClientValue(Field field, std::string_view otherwise);
  void WriteValue(const MappedValue& value);
  void WriteName(std::string_view name);  // `,"name":`, without the comma behind a bracket.

  const std::shared_ptr<const Mapping> mapping_;
  ForeignRecordReader reader_;
  MappingEvaluator evaluator_;
  std::vector<MappedValue> values_;
  std::string* out_ = nullptr;

  const CsvHeader* header_ = nullptr;  // That the reader knows.
  std::uint32_t header_input_ = 0;
};

// For LoadOptions::new_translator.
RecordTranslatorFactory TranslatorsFor(std::shared_ptr<const Mapping> mapping);

}  // namespace clientele
