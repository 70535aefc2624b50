#include "loader/progress_line.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "index/absl_view.h"

namespace clientele {
namespace {

constexpr std::size_t kUsualColumns = 80;
constexpr std::string_view kEraseLine = "\r\x1B[K";

std::string WithThousands(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, 1, ',');
  return digits;
}

// "0:07", "12:34", "1:02:03".
std::string Duration(double seconds) {
  const auto whole = static_cast<std::uint64_t>(std::clamp(std::ceil(seconds), 0.0, 359'999.0));
  const std::uint64_t hours = whole / 3'600, minutes = whole / 60 % 60;
  if (hours > 0) return absl::StrFormat("%d:%02d:%02d", hours, minutes, whole % 60);
  return absl::StrFormat("%d:%02d", minutes, whole % 60);
}

int Percent(double fraction) {
  return static_cast<int>(std::clamp(fraction, 0.0, 1.0) * 100);
}

std::uint64_t PerSecond(std::uint64_t count, double seconds) {
  return static_cast<std::uint64_t>(static_cast<double>(count) / seconds);
}

void WriteToStandardError(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(STDERR_FILENO, text.data(), text.size());
    if (written <= 0) return;  // Progress is not worth an error.
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

std::string FormatProgress(const LoadProgress& progress) {
  const bool is_applying = progress.phase == kApplyPhase;
  const bool is_reading = is_applying || progress.phase == kParsePhase;
  std::string line = absl::StrCat(AbslView(progress.phase));
  if (!progress.detail.empty()) absl::StrAppend(&line, " (", AbslView(progress.detail), ")");
  absl::StrAppend(&line, "  ", WithThousands(progress.records), is_applying ? " lines" : " records");
  if (is_reading && progress.seconds > 0) {
    absl::StrAppend(&line, ", ", WithThousands(PerSecond(progress.records, progress.seconds)), "/s, ",
                    PerSecond(progress.bytes, progress.seconds) / 1'000'000, " MB/s");
  }
  absl::StrAppend(&line, ", ", WithThousands(progress.rejected), is_applying ? " failed" : " rejected");
  double fraction = progress.phase_fraction, seconds = progress.phase_seconds;
  if (is_reading) {
    if (progress.input_bytes_total == 0) return line;
    fraction = static_cast<double>(progress.input_bytes) / static_cast<double>(progress.input_bytes_total);
    seconds = progress.seconds;
  }
  absl::StrAppend(&line, ", ", Percent(fraction), " %");
  if (fraction > 0 && fraction <= 1 && seconds > 0) {
    absl::StrAppend(&line, ", ", Duration(seconds * (1 - fraction) / fraction), " left");
  }
  return line;
}

ProgressLine ProgressLine::ToStandardError() {
  winsize size{};
  const bool has_size = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return ProgressLine(isatty(STDERR_FILENO) == 1, has_size ? size.ws_col : kUsualColumns, WriteToStandardError);
}

void ProgressLine::Update(const LoadProgress& progress) {
  const bool is_new_phase = std::exchange(plain_phase_, progress.phase) != progress.phase;
  if (progress.seconds < kFirstSeconds) return;
  if (is_terminal_) {
    // The last column stays free: some terminals wrap as soon as it is written.
    const std::string line = FormatProgress(progress).substr(0, columns_ - std::min<std::size_t>(columns_, 1));
    write_(absl::StrCat(AbslView(kEraseLine), line));
    is_shown_ = true;
  } else if (is_new_phase || progress.seconds >= next_plain_seconds_) {
    write_(FormatProgress(progress) + "\n");
    next_plain_seconds_ = progress.seconds + kPlainIntervalSeconds;
  }
}

void ProgressLine::Finish() {
  if (is_shown_) write_(kEraseLine);
  is_shown_ = false;
}

}  // namespace clientele
