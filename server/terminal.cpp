#include "server/terminal.h"

#include <array>
#include <cstdio>
#include <cstdlib>

#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "index/absl_view.h"

namespace clientele {

bool StdoutIsTerminal() {
  return ::isatty(STDOUT_FILENO) == 1;
}
bool StderrIsTerminal() {
  return ::isatty(STDERR_FILENO) == 1;
}

std::size_t TerminalColumns() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  const char* const variable = std::getenv("COLUMNS");
  std::uint32_t columns = 0;
  if (variable != nullptr && absl::SimpleAtoi(variable, &columns) && columns > 0 && columns <= 10'000) return columns;
  return 100;
}

std::string WithThousands(std::uint64_t number) {
  const std::string digits = absl::StrCat(number);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

std::string ReadableDuration(double seconds) {
  if (seconds < 0.001) return absl::StrFormat("%.0f us", seconds * 1e6);
  if (seconds < 1) return absl::StrFormat("%.1f ms", seconds * 1e3);
  if (seconds < 60) return absl::StrFormat("%.2f s", seconds);
  const auto whole = static_cast<std::uint64_t>(seconds);
  return absl::StrFormat("%d min %d s", whole / 60, whole % 60);
}

std::string ReadableBytes(std::uint64_t bytes) {
  constexpr std::array<const char*, 5> kUnits = {"B", "kB", "MB", "GB", "TB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; value >= 1000 && unit + 1 < kUnits.size(); ++unit) value /= 1000;
  return unit == 0 ? absl::StrCat(bytes, " B") : absl::StrFormat("%.1f %s", value, kUnits[unit]);
}

void PrintError(std::string_view message) {
  const std::string line = absl::StrCat("clientele: ", AbslView(message), "\n");
  std::fwrite(line.data(), 1, line.size(), stderr);
}

void StatusLine::Show(std::string_view text) {
  if (!shown_) return;
  // Back to the line's begin, the text, and clear what is left of a longer one.
  const std::string line = absl::StrCat("\r", AbslView(text.substr(0, TerminalColumns() - 1)), "\x1b[K");
  std::fwrite(line.data(), 1, line.size(), stderr);
  dirty_ = true;
}

void StatusLine::Clear() {
  if (dirty_) std::fputs("\r\x1b[K", stderr);
  dirty_ = false;
}

}  // namespace clientele
