// Helpers of the mapping's tests: a mapping in a text, applied to one record.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch.hpp>

#include "index/absl_view.h"
#include "loader/mapping_file.h"
#include "loader/mapping_translator.h"
#include "tests/loader/parsed_record.h"

namespace clientele {

// The message of a mapping that is refused; "ok" for a good one.
inline std::string MappingOutcome(std::string_view text) {
  const auto mapping = ParseMapping(text, "m.toml");
  return mapping.ok() ? "ok" : std::string(StdView(mapping.status().message()));
}

// Rules for the required fields but those that `fields` begins a line with, and `fields`.
inline std::string MappingWith(std::string_view fields, std::string_view top = "") {
  std::string text = std::string(top) + "\n[fields]\n";
  const auto add = [&](std::string_view name, std::string_view rule) {
    const std::string lines = "\n" + std::string(fields);
    if (lines.find("\n" + std::string(name) + " ") != std::string::npos) return;
    text.append(name).append(" = ").append(rule).append("\n");
  };
  add("id", "7");
  add("email", "{ value = \"a@b.example\" }");
  add("status", "{ value = \"active\" }");
  add("companyName", "{ value = \"\" }");
  add("created_at", "2024-05-06T07:08:09Z");
  return text.append(fields).append("\n");
}

// One mapping and what it makes of records, whose JSON RecordParser must accept.
class MappedRecord {
 public:
  explicit MappedRecord(const std::string& mapping) {
    const auto parsed = ParseMapping(mapping, "m.toml");
    INFO(std::string(StdView(parsed.status().message())));
    REQUIRE(parsed.ok());
    translator = std::make_unique<MappingTranslator>(*parsed);
  }

  // The client's JSON, or "pointer|value|expected".
  std::string Json(std::string_view json, std::uint64_t line = 1, std::uint32_t input = 0) {
    const std::string padded = std::string(json) + std::string(RecordParser::kPadding, '"');
    ForeignRecord record;
    record.json = std::string_view(padded).substr(0, json.size());
    record.line = line;
    record.input = input;
    return Translated(record);
  }

  std::string Row(std::vector<std::string> names, const std::vector<std::string_view>& cells) {
    header = std::make_unique<CsvHeader>();
    header->names = std::move(names);
    ForeignRecord record;
    record.header = header.get();
    record.cells = cells;
    record.line = 2;
    record.input = ++inputs;
    return Translated(record);
  }

  std::unique_ptr<MappingTranslator> translator;
  std::unique_ptr<CsvHeader> header;
  std::uint32_t inputs = 0;
  RecordError error;

 private:
  std::string Translated(const ForeignRecord& record) {
    std::string json;
    if (!translator->Translate(record, json, error)) return error.pointer + "|" + error.value + "|" + error.expected;
    const ParsedRecord parsed(json);
    if (parsed.ok) return json;
    error = parsed.error;
    translator->Locate(record, error);
    return error.pointer + "|" + error.value + "|" + error.expected;
  }
};

// What a record `{"x": <value>}` gives for a field whose rule is `rule`: its JSON, "absent", or the error.
inline std::string Mapped(std::string_view field, std::string_view rule, std::string_view value,
                          std::string_view top = "keep = \"none\"") {
  MappedRecord mapped(MappingWith(std::string(field) + " = " + std::string(rule), top));
  const std::string json = mapped.Json("{\"x\":" + std::string(value) + "}");
  if (!json.starts_with('{')) return json;
  const std::string member = "\"" + std::string(field) + "\":";
  const std::size_t begin = json.find(member);
  if (begin == std::string::npos) return "absent";
  // The value ends where the brackets that opened in it have closed.
  int depth = 0;
  bool quoted = false;
  std::size_t end = begin + member.size();
  for (; end < json.size(); ++end) {
    const char c = json[end];
    if (quoted) {
      if (c == '\\') ++end;
      if (c == '"') quoted = false;
      continue;
    }
    if (depth == 0 && (c == ',' || c == '}' || c == ']')) break;
    if (c == '"') quoted = true;
    depth += c == '{' || c == '[' ? 1 : c == '}' || c == ']' ? -1 : 0;
  }
  return json.substr(begin + member.size(), end - begin - member.size());
}

}  // namespace clientele
