#include "loader/mapping_guess.h"

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>

#include <absl/strings/ascii.h>
#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>
#include <absl/strings/str_replace.h>
#include <absl/strings/str_split.h>

#include "index/absl_view.h"
#include "loader/json_pointer.h"
#include "loader/json_text.h"
#include "loader/mapping_path.h"
#include "loader/mapping_vocabulary.h"
#include "loader/value_shapes.h"

namespace clientele {
namespace {

constexpr double kMost = 0.8;
constexpr std::size_t kVocabularyMax = 12;  // Different values of a member that could be a state.

std::string Plain(std::string_view name) {
  std::string plain;
  for (const char c : name) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(c))) plain += absl::ascii_tolower(static_cast<unsigned char>(c));
  }
  return plain;
}

// JSON's escapes are TOML's, but TOML wants one more character escaped.
std::string Quoted(std::string_view text) {
  std::string toml;
  AppendJsonString(text, toml);
  return absl::StrReplaceAll(toml, {{"\x7F", "\\u007F"}});
}

// What a rule says to mean a member: arrays by their first element.
std::string PathOf(const MemberProfile& member) {
  std::vector<MappingPath::Step> steps = member.steps;
  if (member.of_items) steps.push_back({.name = {}, .index = 0});
  return SpellMappingPath(steps);
}

class Guesser {
 public:
  explicit Guesser(const RecordProfile& profile) : profile_(profile) {
    for (const MemberProfile& member : profile.members()) shapes_.push_back(ShapesOf(member));
  }

  std::vector<FieldGuess> Guess() {
    // Those that are told by their content first, lest a vague name takes their member.
    for (const Field field :
         {Field::kEmail, Field::kCountryCode, Field::kCreatedAt, Field::kId, Field::kWebsite, Field::kCompanyName}) {
      GuessOne(field);
    }
    for (const FieldDef& def : Fields()) {
      if (!guesses_.contains(def.field)) GuessOne(def.field);
    }
    MakeUpRequired();
    std::vector<FieldGuess> guesses;
    for (auto& [field, guess] : guesses_) guesses.push_back(std::move(guess));
    return guesses;
  }

 private:
  using Fits = std::function<bool(const MemberProfile&, const ValueShapes&)>;

  // The member with the best of the field's names whose content fits, or, failing that, by content alone.
  std::optional<std::size_t> Find(Field field, const Fits& fits, const Fits& tells = {}) const {
    for (const absl::string_view name : absl::StrSplit(AbslView(ForeignNamesOf(field)), ' ', absl::SkipEmpty())) {
      for (std::size_t i = 0; i < shapes_.size(); ++i) {
        const MemberProfile& member = profile_.members()[i];
        if (used_.contains(i) || member.steps.empty()) continue;
        const bool named = Plain(member.steps.back().name) == StdView(name) || Plain(member.text) == StdView(name);
        if (named && fits(member, shapes_[i])) return i;
      }
    }
    for (std::size_t i = 0; tells && i < shapes_.size(); ++i) {
      if (!used_.contains(i) && tells(profile_.members()[i], shapes_[i])) return i;
    }
    return std::nullopt;
  }

  void Set(Field field, std::size_t i, std::string rule, std::string comment) {
    used_.insert(i);
    guesses_.insert_or_assign(field, FieldGuess{field, std::move(rule), std::move(comment), profile_.members()[i].text});
  }

  void SetPath(Field field, std::size_t i, std::string comment = {}) {
    Set(field, i, Quoted(PathOf(profile_.members()[i])), std::move(comment));
  }

  void GuessOne(Field field);
  void GuessId();
  void GuessStatusRule();
  void GuessCreatedAt();
  void GuessWord(Field field);
  void MakeUpRequired();
  std::string MadeUpEmail() const;

  const RecordProfile& profile_;
  std::vector<ValueShapes> shapes_;
  std::set<std::size_t> used_;
  std::map<Field, FieldGuess> guesses_;
};

bool IsScalar(const MemberProfile& member) {
  return member.filled() > 0 && member.lists == 0 && member.objects == 0;
}

void Guesser::GuessId() {
  const std::uint64_t records = profile_.records();
  const auto is_unique = [&](const MemberProfile& member, const ValueShapes&) {
    return IsScalar(member) && !member.of_items && member.filled() == records && member.values.distinct_is_exact() &&
           member.values.distinct() == records;
  };
  auto found = Find(Field::kId, is_unique);
  if (!found) found = Find(Field::kCustomId, is_unique);
  if (!found) return;
  const MemberProfile& member = profile_.members()[*found];
  if (shapes_[*found].integer == 1 && member.number_min >= 1) {
    SetPath(Field::kId, *found, "a positive whole number, different in every record");
    return;
  }
  const std::string path = Quoted(PathOf(member));
  guesses_.insert_or_assign(Field::kId,
                            FieldGuess{Field::kId, absl::StrCat("{ hash = ", path, " }"),
                                       "a number made of it: it is different in every record, but no number", member.text});
  SetPath(Field::kCustomId, *found, "the key as it stands");
}

void Guesser::GuessStatusRule() {
  const auto found = Find(Field::kStatus, [](const MemberProfile& member, const ValueShapes&) {
    return IsScalar(member) && member.values.distinct() <= kVocabularyMax;
  });
  if (!found) return;
  const MemberProfile& member = profile_.members()[*found];
  const bool is_churn = absl::StrContains(Plain(member.text), "churn");
  std::vector<std::string> entries, unknown;
  for (const auto& [value, count] : member.values.MostFrequent(kVocabularyMax)) {
    const std::string_view state = GuessStatus(value, is_churn);
    if (state.empty()) unknown.push_back(value);
    entries.push_back(absl::StrCat(Quoted(value), " = ", Quoted(state.empty() ? "active" : state)));
  }
  std::string comment = "GUESS: check what each value means";
  if (!unknown.empty()) absl::StrAppend(&comment, "; nothing is known about ", absl::StrJoin(unknown, ", "));
  std::string rule =
      absl::StrCat("{ from = ", Quoted(PathOf(member)), ", values = { ", absl::StrJoin(entries, ", "), " }, other = \"reject\"");
  if (member.filled() < profile_.records()) absl::StrAppend(&rule, ", default = \"new\"");
  Set(Field::kStatus, *found, rule + " }", std::move(comment));
}

void Guesser::GuessCreatedAt() {
  const auto has_date = [](const MemberProfile& member, const ValueShapes& shapes) {
    return IsScalar(member) && !member.of_items && shapes.date.has_value();
  };
  // Without a telling name only what is written as a date, not every large number.
  const auto is_date = [&](const MemberProfile& member, const ValueShapes& shapes) {
    return has_date(member, shapes) && !shapes.date->starts_with("unix") && *shapes.date != "%Y%m%d";
  };
  const auto found = Find(Field::kCreatedAt, has_date, is_date);
  if (!found) return;
  const MemberProfile& member = profile_.members()[*found];
  const ValueShapes& shapes = shapes_[*found];
  const bool is_complete = member.filled() == profile_.records();
  std::string comment =
      shapes.date_is_ambiguous ? absl::StrCat("GUESS: day and month may be the other way round in ", *shapes.date) : "";
  if (!is_complete) absl::StrAppend(&comment, comment.empty() ? "" : "; ", "some records have none");
  if (*shapes.date == "iso" && is_complete) {
    SetPath(Field::kCreatedAt, *found, std::move(comment));
    return;
  }
  Set(Field::kCreatedAt, *found,
      absl::StrCat("{ from = ", Quoted(PathOf(member)), ", date = ", Quoted(*shapes.date),
                   is_complete ? "" : ", default = 2000-01-01", " }"),
      std::move(comment));
}

// Words that are the field's own.
void Guesser::GuessWord(Field field) {
  const auto has_words = [&](const MemberProfile& member, const ValueShapes&) {
    if (!IsScalar(member) || member.values.distinct() > kVocabularyMax) return false;
    return std::ranges::all_of(member.values.MostFrequent(kVocabularyMax), [&](const auto& value) {
      return FindWord(Def(field).words, absl::AsciiStrToLower(value.first)).has_value();
    });
  };
  if (const auto found = Find(field, has_words)) SetPath(field, *found);
}

void Guesser::GuessOne(Field field) {
  const auto set = [&](const Fits& fits, const Fits& tells = {}) {
    if (const auto found = Find(field, fits, tells)) SetPath(field, *found);
  };
  switch (field) {
    case Field::kId: GuessId(); return;
    case Field::kStatus: GuessStatusRule(); return;
    case Field::kCreatedAt: GuessCreatedAt(); return;
    case Field::kEmail: {
      const Fits tells = [](const MemberProfile& member, const ValueShapes& shapes) {
        return member.lists == 0 && shapes.email >= kMost;
      };
      if (const auto found = Find(field, tells, tells)) {
        const MemberProfile& member = profile_.members()[*found];
        const std::string path = Quoted(PathOf(member));
        if (!member.of_items && member.filled() == profile_.records()) {
          SetPath(field, *found);
        } else {
          Set(field, *found, absl::StrCat("{ from = ", path, ", default = \"unknown@invalid.example\" }"),
              "some records may have none");
        }
      }
      return;
    }
    case Field::kCountryCode: {
      const Fits fits = [](const MemberProfile& member, const ValueShapes& shapes) {
        return IsScalar(member) && shapes.country >= kMost;
      };
      const auto found = Find(field, fits, [&](const MemberProfile& member, const ValueShapes& shapes) {
        return fits(member, shapes) && !member.of_items && shapes.country_code >= kMost && member.values.distinct() > 2;
      });
      if (found && shapes_[*found].country == 1) {
        SetPath(field, *found);
      } else if (found) {
        Set(field, *found, absl::StrCat("{ from = ", Quoted(PathOf(profile_.members()[*found])), " }"),
            "some values are no country's name or code: give them a table of values");
      }
      return;
    }
    case Field::kWebsite: {
      const Fits is_address = [](const MemberProfile& member, const ValueShapes& shapes) {
        return shapes.web_address >= kMost && member.lists == 0;
      };
      set([](const MemberProfile& member,
             const ValueShapes& shapes) { return IsScalar(member) && shapes.web_address + shapes.domain >= kMost; },
          is_address);
      return;
    }
    case Field::kEntryBaseDomain:
      set([](const MemberProfile& member, const ValueShapes& shapes) { return IsScalar(member) && shapes.domain >= kMost; });
      return;
    case Field::kSecondaryHostnames: {
      const auto found =
          Find(field, [](const MemberProfile& member, const ValueShapes&) { return !member.of_items && member.lists > 0; });
      if (found) SetPath(field, *found);
      return;
    }
    case Field::kCompanyName: {
      const auto found = Find(
          field, [](const MemberProfile& member, const ValueShapes& shapes) { return IsScalar(member) && shapes.number < 0.5; });
      if (!found) return;
      const MemberProfile& member = profile_.members()[*found];
      if (member.filled() == profile_.records()) {
        SetPath(field, *found);
      } else {
        Set(field, *found, absl::StrCat("{ from = ", Quoted(PathOf(member)), ", default = \"\" }"), "some records have none");
      }
      return;
    }
    case Field::kSignupProcess:
    case Field::kClientType: GuessWord(field); return;
    default: break;
  }
  switch (Def(field).kind) {
    case FieldKind::kText:
      set([](const MemberProfile& member, const ValueShapes&) { return IsScalar(member) && !member.of_items; });
      return;
    case FieldKind::kBoolean:
      set([](const MemberProfile& member, const ValueShapes& shapes) { return IsScalar(member) && shapes.boolean == 1; });
      return;
    case FieldKind::kInteger:
      set([](const MemberProfile& member, const ValueShapes& shapes) { return IsScalar(member) && shapes.integer == 1; });
      return;
    case FieldKind::kNumber:
      set([](const MemberProfile& member, const ValueShapes& shapes) { return IsScalar(member) && shapes.number == 1; });
      return;
    default: return;
  }
}

// An address for records that have none: at their own domain, or named after something that tells them apart.
std::string Guesser::MadeUpEmail() const {
  for (std::size_t i = 0; i < shapes_.size(); ++i) {
    const MemberProfile& member = profile_.members()[i];
    if (shapes_[i].domain >= kMost && member.lists == 0) {
      return absl::StrCat("[\"info@{", PathOf(member), "}\", \"client{#row}@invalid.example\"]");
    }
  }
  if (const auto website = guesses_.find(Field::kWebsite); website != guesses_.end()) {
    std::vector<std::string> path = absl::StrSplit(website->second.rule, '"');
    if (path.size() == 3) return absl::StrCat("[\"info@{", path[1], "|domain}\", \"client{#row}@invalid.example\"]");
  }
  return "\"client{#row}@invalid.example\"";
}

void Guesser::MakeUpRequired() {
  const auto make_up = [&](Field field, std::string rule, std::string comment) {
    if (!guesses_.contains(field)) guesses_.insert_or_assign(field, FieldGuess{field, std::move(rule), std::move(comment), ""});
  };
  make_up(Field::kId, "{ row = 0 }", "GUESS: no member is a unique number; the record's line, or its number in an array");
  make_up(Field::kEmail, absl::StrCat("{ template = ", MadeUpEmail(), " }"), "GUESS: made up, no member holds addresses");
  make_up(Field::kStatus, "{ value = \"active\" }", "GUESS: the same for all, no member looks like a state");
  make_up(Field::kCompanyName, "{ value = \"\" }", "GUESS: no member looks like a company's name");
  make_up(Field::kCreatedAt, "2000-01-01", "GUESS: the same for all, no member holds dates");
}

}  // namespace

std::vector<FieldGuess> GuessFields(const RecordProfile& profile) {
  return Guesser(profile).Guess();
}

}  // namespace clientele
