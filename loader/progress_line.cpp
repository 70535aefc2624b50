#include "loader/progress_line.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

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

void WriteToStandardError(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(STDERR_FILENO, text.data(), text.size());
    if (written <= 0) return;  // Progress is not worth an error.
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

std::string FormatProgress(const LoadProgress& progress) {
  std::string line = absl::StrCat(AbslView(progress.phase), "  ", WithThousands(progress.records), " records");
  const bool is_reading = progress.phase == "reading";
  if (is_reading && progress.seconds > 0) {
    absl::StrAppend(&line, ", ", static_cast<std::uint64_t>(static_cast<double>(progress.bytes) / progress.seconds / 1e6),
                    " MB/s");
  }
  absl::StrAppend(&line, ", ", WithThousands(progress.rejected), " rejected");
  if (!is_reading) {
    absl::StrAppend(&line, ", ", Percent(progress.seal_fraction), " %");
  } else if (progress.input_bytes_total > 0) {
    const double fraction = static_cast<double>(progress.input_bytes) / static_cast<double>(progress.input_bytes_total);
    absl::StrAppend(&line, ", ", Percent(fraction), " %");
    if (fraction > 0 && fraction <= 1)
      absl::StrAppend(&line, ", ", Duration(progress.seconds * (1 - fraction) / fraction), " left");
  }
  return line;
}

ProgressLine ProgressLine::ToStandardError() {
  winsize size{};
  const bool has_size = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return ProgressLine(isatty(STDERR_FILENO) == 1, has_size ? size.ws_col : kUsualColumns, WriteToStandardError);
}

void ProgressLine::Update(const LoadProgress& progress) {
  if (is_terminal_) {
    // The last column stays free: some terminals wrap as soon as it is written.
    const std::string line = FormatProgress(progress).substr(0, columns_ - std::min<std::size_t>(columns_, 1));
    write_(absl::StrCat(AbslView(kEraseLine), line));
    is_shown_ = true;
  } else if (progress.seconds >= next_plain_seconds_) {
    write_(FormatProgress(progress) + "\n");
    next_plain_seconds_ = progress.seconds + kPlainIntervalSeconds;
  }
}

void ProgressLine::Finish() {
  if (is_shown_) write_(kEraseLine);
  is_shown_ = false;
}

}  // namespace clientele
