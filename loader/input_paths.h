// Which files a user means.
#pragma once

#include <string>
#include <vector>

#include <absl/status/statusor.h>

namespace clientele {

struct InputPaths {
  std::vector<std::string> files;    // In the order of the arguments, within each by name.
  std::vector<std::string> skipped;  // Of folders and patterns: what was left out, with the reason: "data/.x: hidden".
};

// Each argument is a file or a pipe, `-` (standard input), a folder (all files below it, by name), or, when there is no file of
// that name, a pattern of the shell's kind (`part-*.ndjson.zst`, quoted so that it arrives). In folders, hidden files (and
// folders), what is no regular file and the rejects files of earlier loads are skipped. NotFound names an argument that means no
// file at all.
absl::StatusOr<InputPaths> FindInputs(const std::vector<std::string>& arguments);

}  // namespace clientele
