// The texts of `clientele inspect`: a table of the members of some records, and one of the fields that a mapping fills.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "loader/mapping_guess.h"
#include "loader/mapping_trial.h"
#include "loader/member_profile.h"

namespace clientele {

// One line for each member: how many records have it, how many of these are null or empty, the kinds of its values, their range
// or lengths, how many are different ("~" before an estimate), and the most frequent ones. `width`: columns of the terminal.
std::string MemberTable(const RecordProfile& profile, std::size_t width);

// One line for each guessed field: how many of the records that load have it, and its rule.
std::string FieldTable(const std::vector<FieldGuess>& guesses, const TrialReport& trial, std::size_t width);

}  // namespace clientele
