#include "loader/progress_line.h"

#include <vector>

#include <catch2/catch.hpp>

namespace clientele {
namespace {

LoadProgress Reading() {
  return {.phase = "reading",
          .records = 1'234'567,
          .rejected = 1'005,
          .bytes = 2'000'000'000,
          .input_bytes = 250,
          .input_bytes_total = 1'000,
          .seal_fraction = 0,
          .seconds = 10};
}

TEST_CASE("progress of reading shows records, rate, rejects, fraction and remaining time", "[loader][progress_line]") {
  CHECK(FormatProgress(Reading()) == "reading  1,234,567 records, 200 MB/s, 1,005 rejected, 25 %, 0:30 left");
}

TEST_CASE("what is unknown is left out", "[loader][progress_line]") {
  LoadProgress progress = Reading();
  progress.input_bytes_total = 0;
  CHECK(FormatProgress(progress) == "reading  1,234,567 records, 200 MB/s, 1,005 rejected");
  progress.seconds = 0;
  progress.records = 999;
  CHECK(FormatProgress(progress) == "reading  999 records, 1,005 rejected");
}

TEST_CASE("long remaining times show hours", "[loader][progress_line]") {
  LoadProgress progress = Reading();
  progress.seconds = 3'723 / 3.0;
  CHECK(FormatProgress(progress).find("1:02:03 left") != std::string::npos);
}

TEST_CASE("progress of sealing shows the phase and its fraction", "[loader][progress_line]") {
  LoadProgress progress = Reading();
  progress.phase = "sort ids";
  progress.seal_fraction = 0.5;
  CHECK(FormatProgress(progress) == "sort ids  1,234,567 records, 1,005 rejected, 50 %");
}

TEST_CASE("a terminal's line is rewritten in place, cut to its width, and removed at the end", "[loader][progress_line]") {
  std::vector<std::string> written;
  ProgressLine line(true, 21, [&](std::string_view text) { written.emplace_back(text); });
  line.Update(Reading());
  line.Update(Reading());
  line.Finish();
  line.Finish();
  CHECK(written == std::vector<std::string>{"\r\x1B[Kreading  1,234,567 r", "\r\x1B[Kreading  1,234,567 r", "\r\x1B[K"});
}

TEST_CASE("a log gets a plain line every few seconds", "[loader][progress_line]") {
  std::vector<std::string> written;
  ProgressLine line(false, 80, [&](std::string_view text) { written.emplace_back(text); });
  LoadProgress progress = Reading();
  for (int second = 0; second <= 12; ++second) {
    progress.seconds = second;
    line.Update(progress);
  }
  line.Finish();
  REQUIRE(written.size() == 2);
  CHECK(written[0].substr(0, 7) == "reading");
  CHECK(written[0].back() == '\n');
}

}  // namespace
}  // namespace clientele
