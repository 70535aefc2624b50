#include "engine/query_parser.h"

#include <array>
#include <optional>

#include <absl/status/statusor.h>
#include <absl/strings/str_cat.h>

#include "engine/form_urlencoded.h"
#include "engine/parameter_values.h"
#include "engine/quoted.h"
#include "index/absl_view.h"
#include "index/case_folding.h"
#include "index/nearest_name.h"

namespace clientele {
namespace {

// The parameters that are no filters of the schema.
enum class PageParameter : std::uint8_t { kOrdering, kLimit, kOffset, kFields, kCursor };
constexpr std::array<std::string_view, 5> kPageParameters = {"ordering", "limit", "offset", "fields", "cursor"};

// Unknown names reported for one request; the rest of them is left out.
constexpr std::size_t kUnknownNamesMax = 100;

std::vector<std::string_view> KnownNames() {
  std::vector<std::string_view> names;
  for (const FilterEntry& filter : Filters()) names.push_back(filter.def->parameter);
  names.insert(names.end(), kPageParameters.begin(), kPageParameters.end());
  return names;
}

// Values of one known parameter, in the order given, empty ones left out.
using Values = std::vector<std::string_view>;

// A request's parameters, sorted out by name; what is wrong with names and encodings is already reported.
struct GivenParameters {
  std::vector<Values> filters = std::vector<Values>(Filters().size());  // By FilterId.
  std::array<Values, kPageParameters.size()> page;                      // By PageParameter.

  Values* Find(std::string_view name) {
    if (const auto filter = FindFilter(name)) return &filters[*filter];
    for (std::size_t i = 0; i < page.size(); ++i) {
      if (kPageParameters[i] == name) return &page[i];
    }
    return nullptr;
  }
  const Values& operator[](PageParameter parameter) const { return page[static_cast<std::size_t>(parameter)]; }
};

void Report(std::string_view name, std::string problem, ParameterErrors& errors) {
  errors[Printable(name)].push_back(std::move(problem));
}

GivenParameters SortOut(std::span<const Parameter> parameters, ParameterErrors& errors) {
  GivenParameters given;
  for (const auto& [name, value] : parameters) {
    Values* const values = given.Find(name);
    if (values == nullptr) {
      // Once per name, and not for ever: a caller may send thousands of them.
      if (errors.size() < kUnknownNamesMax && !errors.contains(Printable(name))) {
        Report(name, absl::StrCat("unknown parameter; did you mean '", AbslView(NearestName(name, KnownNames())), "'?"), errors);
      }
    } else if (!IsValidUtf8(value)) {
      Report(name, absl::StrCat("expected valid UTF-8, got ", Quoted(value)), errors);
    } else if (name == "cursor") {
      values->push_back(value);  // Even an empty one asks for something.
    } else if (!value.empty()) {
      values->push_back(value);
    }
  }
  return given;
}

// Reports a parameter that takes one value but was given several. Returns whether there is a value to parse.
bool HasOneValue(std::string_view name, const Values& values, ParameterErrors& errors) {
  if (values.size() > 1) {
    Report(name,
           absl::StrCat("given ", values.size(), " times (", Quoted(values[0]), ", ", Quoted(values[1]),
                        values.size() > 2 ? ", ...)" : ")", "; it takes one value"),
           errors);
  }
  return values.size() == 1;
}

// The parsed value, or nullopt after reporting what is wrong with it.
template <typename T>
std::optional<T> ValueOrReport(std::string_view name, absl::StatusOr<T> parsed, ParameterErrors& errors) {
  if (parsed.ok()) return *std::move(parsed);
  Report(name, std::string(parsed.status().message()), errors);
  return std::nullopt;
}

std::vector<Predicate> ParseFilters(const std::vector<Values>& given, ParameterErrors& errors) {
  std::vector<Predicate> all_of;
  for (std::size_t id = 0; id < given.size(); ++id) {
    if (given[id].empty()) continue;
    const FilterEntry& filter = Filters()[id];
    const std::string_view name = filter.def->parameter;
    if (!IsList(filter.def->syntax) && !HasOneValue(name, given[id], errors)) continue;
    auto operand = ValueOrReport(name, ParseOperand(filter, given[id]), errors);
    if (operand && *operand) all_of.push_back({static_cast<FilterId>(id), **std::move(operand)});
  }
  return all_of;
}

Query ParseGiven(const GivenParameters& given, ParameterErrors& errors) {
  Query query;
  query.all_of = ParseFilters(given.filters, errors);
  if (const Values& values = given[PageParameter::kOrdering]; !values.empty()) {
    query.order_by = ValueOrReport("ordering", ParseOrdering(values), errors).value_or(std::vector<OrderKey>{});
  }
  if (const Values& values = given[PageParameter::kLimit]; HasOneValue("limit", values, errors)) {
    query.limit = ValueOrReport("limit", ParseCount(values.front()), errors);
  }
  if (const Values& values = given[PageParameter::kOffset]; HasOneValue("offset", values, errors)) {
    query.offset = ValueOrReport("offset", ParseCount(values.front()), errors).value_or(0);
  }
  if (const Values& values = given[PageParameter::kFields]; !values.empty()) {
    query.fields = ValueOrReport("fields", ParseFields(values), errors).value_or(kAllFields);
  }
  if (!given[PageParameter::kCursor].empty()) {
    Report("cursor", "paging by cursor is not supported yet; use limit and offset", errors);
  }
  return query;
}

// Splits and decodes what can be decoded; the rest is reported.
std::vector<Parameter> Decode(std::string_view query_string, ParameterErrors& errors) {
  std::vector<Parameter> parameters;
  for (bool last = false; !last;) {
    const std::size_t end = query_string.find('&');
    last = end == std::string_view::npos;
    const std::string_view piece = query_string.substr(0, end);
    if (!last) query_string.remove_prefix(end + 1);
    if (piece.empty()) continue;
    const std::size_t equals = piece.find('=');
    auto name = ValueOrReport(piece.substr(0, equals), FormDecode(piece.substr(0, equals)), errors);
    if (!name) continue;
    if (equals == std::string_view::npos) {
      parameters.emplace_back(*std::move(name), "");
    } else if (auto value = ValueOrReport(*name, FormDecode(piece.substr(equals + 1)), errors)) {
      parameters.emplace_back(*std::move(name), *std::move(value));
    }
  }
  return parameters;
}

}  // namespace

std::variant<Query, ParameterErrors> ParseQuery(std::span<const Parameter> parameters) {
  ParameterErrors errors;
  Query query = ParseGiven(SortOut(parameters, errors), errors);
  if (!errors.empty()) return errors;
  return query;
}

std::variant<std::vector<Parameter>, ParameterErrors> DecodeQueryString(std::string_view query_string) {
  ParameterErrors errors;
  std::vector<Parameter> parameters = Decode(query_string, errors);
  if (!errors.empty()) return errors;
  return parameters;
}

std::variant<Query, ParameterErrors> ParseQueryString(std::string_view query_string) {
  ParameterErrors errors;
  const std::vector<Parameter> parameters = Decode(query_string, errors);
  Query query = ParseGiven(SortOut(parameters, errors), errors);
  if (!errors.empty()) return errors;
  return query;
}

}  // namespace clientele
