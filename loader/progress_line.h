// Shows the progress of a load to a person: on a terminal one line that is rewritten in place, elsewhere (a log) a plain line
// every few seconds and when a phase begins. One thread at a time.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "loader/progress.h"

namespace clientele {

// "parse  1,234,567 records, 300,000/s, 312 MB/s, 5 rejected, 43 %, 0:12 left". Rates and remaining time are those of the phase
// so far; fraction and remaining time are left out while unknown. Later phases show what they are at: "sort (row order)  ...".
std::string FormatProgress(const LoadProgress& progress);

class ProgressLine {
 public:
  using Write = std::function<void(std::string_view)>;

  static constexpr double kFirstSeconds = 1;  // What takes less stays silent.
  static constexpr double kPlainIntervalSeconds = 5;

  // `columns`: width of the terminal, to which lines are cut, since a wrapped line cannot be rewritten.
  ProgressLine(bool is_terminal, std::size_t columns, Write write)
      : is_terminal_(is_terminal), columns_(columns), write_(std::move(write)) {}

  // Writes to standard error, and finds out what that is.
  static ProgressLine ToStandardError();

  void Update(const LoadProgress& progress);

  // Removes the terminal's line, so that other output can follow. Nothing elsewhere.
  void Finish();

 private:
  bool is_terminal_;
  std::size_t columns_;
  Write write_;
  bool is_shown_ = false;
  double next_plain_seconds_ = kPlainIntervalSeconds;
  std::string plain_phase_{kParsePhase};  // Of the latest update.
};

}  // namespace clientele
