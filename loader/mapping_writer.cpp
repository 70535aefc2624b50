// Guesses as the text of a mapping file.
#include <set>

#include <absl/strings/str_cat.h>
#include <absl/strings/str_replace.h>

#include "index/absl_view.h"
#include "loader/json_pointer.h"
#include "loader/mapping_guess.h"

namespace clientele {
namespace {

// One line that TOML takes.
std::string Comment(std::string_view text) {
  return absl::StrReplaceAll(Excerpt(text, 200), {{"\x7F", "?"}});
}

}  // namespace

std::string WriteMapping(const std::string& name, const RecordProfile& profile, const std::vector<FieldGuess>& guesses) {
  std::string text =
      absl::StrCat("# A first mapping for ", name == "-" ? "standard input" : Comment(name), ", guessed from ", profile.records(),
                   " records. Lines with GUESS want a look;\n# docs/mapping.md explains the rules.\n\n"
                   "# Members that no rule uses come along as unknown members: \"all\", \"none\" or a list of names.\n"
                   "keep = \"all\"\n\n[fields]\n");
  std::set<std::string> used;
  for (const FieldGuess& guess : guesses) {
    if (!guess.member.empty()) used.insert(guess.member);
    if (!guess.comment.empty()) absl::StrAppend(&text, "# ", Comment(guess.comment), "\n");
    absl::StrAppend(&text, AbslView(Def(guess.field).name), " = ", guess.rule, "\n");
  }
  std::string unused;
  for (const MemberProfile& member : profile.members()) {
    if (used.contains(member.text) || used.contains(member.text + "[]") || member.of_items) continue;
    absl::StrAppend(&unused, "#   ", Comment(member.text), "\n");
  }
  if (!unused.empty()) absl::StrAppend(&text, "\n# Not used:\n", unused);
  return text;
}

}  // namespace clientele
