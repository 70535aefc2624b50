#include "loader/progress_line.h"

#include <vector>

#include <catch2/catch.hpp>

namespace clientele {
namespace {

LoadProgress Parsing() {
  return {.phase = kParsePhase,
          .records = 1'234'567,
          .rejected = 1'005,
          .bytes = 2'000'000'000,
          .input_bytes = 250,
          .input_bytes_total = 1'000,
          .phase_fraction = 0,
          .phase_seconds = 0,
          .seconds = 10};
}

TEST_CASE("progress of parsing shows records, rate, rejects, fraction and remaining time", "[loader][progress_line]") {
  CHECK(FormatProgress(Parsing()) == "parse  1,234,567 records, 123,456/s, 200 MB/s, 1,005 rejected, 25 %, 0:30 left");
}

TEST_CASE("progress of applying speaks of lines that fail", "[loader][progress_line]") {
  LoadProgress progress = Parsing();
  progress.phase = kApplyPhase;
  CHECK(FormatProgress(progress) == "apply  1,234,567 lines, 123,456/s, 200 MB/s, 1,005 failed, 25 %, 0:30 left");
}

TEST_CASE("what is unknown is left out", "[loader][progress_line]") {
  LoadProgress progress = Parsing();
  progress.input_bytes_total = 0;
  CHECK(FormatProgress(progress) == "parse  1,234,567 records, 123,456/s, 200 MB/s, 1,005 rejected");
  progress.seconds = 0;
  progress.records = 999;
  CHECK(FormatProgress(progress) == "parse  999 records, 1,005 rejected");
}

TEST_CASE("long remaining times show hours", "[loader][progress_line]") {
  LoadProgress progress = Parsing();
  progress.seconds = 3'723 / 3.0;
  CHECK(FormatProgress(progress).find("1:02:03 left") != std::string::npos);
}

TEST_CASE("progress of sealing shows the phase, what it is at, its fraction and the remaining time", "[loader][progress_line]") {
  LoadProgress progress = Parsing();
  progress.phase = kSortPhase;
  progress.detail = "row order";
  progress.phase_fraction = 0.25;
  CHECK(FormatProgress(progress) == "sort (row order)  1,234,567 records, 1,005 rejected, 25 %");
  progress.phase_seconds = 4;
  CHECK(FormatProgress(progress) == "sort (row order)  1,234,567 records, 1,005 rejected, 25 %, 0:12 left");
}

TEST_CASE("a terminal's line is rewritten in place, cut to its width, and removed at the end", "[loader][progress_line]") {
  std::vector<std::string> written;
  ProgressLine line(true, 21, [&](std::string_view text) { written.emplace_back(text); });
  line.Update(Parsing());
  line.Update(Parsing());
  line.Finish();
  line.Finish();
  CHECK(written == std::vector<std::string>{"\r\x1B[Kparse  1,234,567 rec", "\r\x1B[Kparse  1,234,567 rec", "\r\x1B[K"});
}

TEST_CASE("a log gets a plain line every few seconds and when a phase begins", "[loader][progress_line]") {
  std::vector<std::string> written;
  ProgressLine line(false, 80, [&](std::string_view text) { written.emplace_back(text); });
  LoadProgress progress = Parsing();
  for (int second = 0; second <= 12; ++second) {
    progress.seconds = second;
    line.Update(progress);
  }
  REQUIRE(written.size() == 2);
  CHECK(written[0].substr(0, 5) == "parse");
  CHECK(written[0].back() == '\n');
  progress.phase = kSortPhase;
  line.Update(progress);
  line.Update(progress);
  line.Finish();
  REQUIRE(written.size() == 3);
  CHECK(written[2].substr(0, 4) == "sort");
}

TEST_CASE("what takes less than a second shows nothing", "[loader][progress_line]") {
  std::vector<std::string> written;
  LoadProgress progress = Parsing();
  progress.seconds = 0.9;
  for (const bool is_terminal : {false, true}) {
    ProgressLine line(is_terminal, 80, [&](std::string_view text) { written.emplace_back(text); });
    line.Update(progress);
    progress.phase = kSortPhase;
    line.Update(progress);
    line.Finish();
  }
  CHECK(written.empty());
}

}  // namespace
}  // namespace clientele
