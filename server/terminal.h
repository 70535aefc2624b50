// What the program knows about the terminal it may be talking to, and how it writes to it.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace clientele {

bool StdoutIsTerminal();
bool StderrIsTerminal();

// Columns of the terminal behind standard output; the variable COLUMNS, or 100, where there is none.
std::size_t TerminalColumns();

// 1234567 -> "1,234,567".
std::string WithThousands(std::uint64_t number);

// "3.2 ms", "1.25 s", "4 min 10 s".
std::string ReadableDuration(double seconds);

// "1.6 kB", "23.4 MB": powers of ten.
std::string ReadableBytes(std::uint64_t bytes);

// Writes to standard error: "clientele: <message>".
void PrintError(std::string_view message);

// One line of standard error that is overwritten again and again; nothing when that is no terminal or `quiet`. One thread at a
// time.
class StatusLine {
 public:
  explicit StatusLine(bool quiet) : shown_(!quiet && StderrIsTerminal()) {}
  ~StatusLine() { Clear(); }
  StatusLine(const StatusLine&) = delete;
  StatusLine& operator=(const StatusLine&) = delete;

  bool shown() const { return shown_; }
  void Show(std::string_view text);  // ASCII; cut to the terminal's width.
  void Clear();                      // Removes the line, so that other output can follow.

 private:
  const bool shown_;
  bool dirty_ = false;
};

}  // namespace clientele
