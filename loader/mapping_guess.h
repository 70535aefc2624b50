// Guesses how foreign records could become client records, from the names of their members and from what stands in them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "index/schema.h"
#include "loader/member_profile.h"

namespace clientele {

// A guessed rule, as it will stand in the mapping file.
struct FieldGuess {
  Field field;
  std::string rule;     // TOML: `"name"`, `{ row = 0 }`.
  std::string comment;  // Why, and what to look at; one line.
  std::string member;   // What it is made of, as in MemberProfile::text; empty when made up.
};

// One guess at most per field, in the schema's order, and one at least for each field that every record must have. A member
// serves one field, and the generated ones besides. Deterministic.
std::vector<FieldGuess> GuessFields(const RecordProfile& profile);

// The text of a mapping file with these guesses. `name`: the file they are about, for the opening comment.
std::string WriteMapping(const std::string& name, const RecordProfile& profile, const std::vector<FieldGuess>& guesses);

}  // namespace clientele
