#include "server/inspect_report.h"

#include <cmath>

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>

#include "index/absl_view.h"
#include "loader/json_pointer.h"
#include "server/terminal.h"
#include "server/text_table.h"

namespace clientele {
namespace {

constexpr std::size_t kValuesShown = 4;
constexpr std::size_t kValueBytesShown = 24;

std::string Kinds(const MemberProfile& member) {
  std::string kinds;
  const auto add = [&](std::uint64_t count, std::string_view name) {
    if (count > 0) absl::StrAppend(&kinds, kinds.empty() ? "" : ", ", AbslView(name));
  };
  add(member.texts + member.empty_texts, "text");
  add(member.numbers, "number");
  add(member.booleans, "boolean");
  add(member.lists, "list");
  add(member.objects, "object");
  return kinds.empty() ? "null" : kinds;
}

std::string Number(double number) {
  return std::fabs(number) < 1e15 && number == std::floor(number) ? absl::StrFormat("%.0f", number)
                                                                  : absl::StrFormat("%.6g", number);
}

std::string FromTo(std::string_view first, std::string_view last) {
  return first == last ? std::string(first) : absl::StrCat(AbslView(first), " to ", AbslView(last));
}

std::string Range(const MemberProfile& member) {
  if (member.numeric > 0 && member.numeric == member.texts + member.numbers) {
    return FromTo(Number(member.number_min), Number(member.number_max));
  }
  if (member.lists > 0) return absl::StrCat(FromTo(absl::StrCat(member.items_min), absl::StrCat(member.items_max)), " items");
  if (member.texts > 0) return absl::StrCat(FromTo(absl::StrCat(member.length_min), absl::StrCat(member.length_max)), " bytes");
  return "";
}

std::string MostFrequent(const MemberProfile& member) {
  std::string text;
  for (const auto& [value, count] : member.values.MostFrequent(kValuesShown)) {
    absl::StrAppend(&text, text.empty() ? "" : ", ", Excerpt(value, kValueBytesShown),
                    count > 1 ? absl::StrCat(" (", WithThousands(count), ")") : "");
  }
  if (!member.values.every_value_counted()) absl::StrAppend(&text, ", ...");
  return text;
}

std::string Count(std::uint64_t count) {
  return count == 0 ? "" : WithThousands(count);
}

}  // namespace

std::string MemberTable(const RecordProfile& profile, std::size_t width) {
  TextTable table({{"member"},
                   {"have it", true, false},
                   {"null", true, false},
                   {"empty", true, false},
                   {"kinds", false, false},
                   {"range", false, false},
                   {"different", true, false},
                   {"most frequent"}});
  for (const MemberProfile& member : profile.members()) {
    const std::string distinct = member.filled() == 0 ? ""
                                                      : absl::StrCat(member.values.distinct_is_exact() ? "" : "~",
                                                                     WithThousands(member.values.distinct()));
    table.AddRow({member.text, WithThousands(member.present), Count(member.nulls), Count(member.empty_texts), Kinds(member),
                  Range(member), distinct, MostFrequent(member)});
  }
  return table.Render(width);
}

std::string FieldTable(const std::vector<FieldGuess>& guesses, const TrialReport& trial, std::size_t width) {
  TextTable table({{"field", false, false}, {"filled", true, false}, {"from"}});
  for (const FieldGuess& guess : guesses) {
    table.AddRow({std::string(Def(guess.field).name), WithThousands(trial.filled[static_cast<std::size_t>(guess.field)]),
                  guess.member.empty() ? "(made up)" : guess.member});
  }
  return table.Render(width);
}

}  // namespace clientele
