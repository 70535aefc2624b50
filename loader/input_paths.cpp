#include "loader/input_paths.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include <absl/strings/str_cat.h>
#include <glob.h>

namespace clientele {
namespace {

namespace fs = std::filesystem;

bool IsPattern(const std::string& argument) {
  return argument.find_first_of("*?[") != std::string::npos;
}

// `x.rejects.ndjson`, `x.rejects-2.ndjson`, ...
bool IsRejectsFile(const std::string& name) {
  const std::size_t at = name.rfind(".rejects");
  if (at == std::string::npos || !name.ends_with(".ndjson")) return false;
  const std::string between = name.substr(at + 8, name.size() - std::min(name.size(), at + 8 + 7));
  return between.empty() || (between[0] == '-' && between.find_first_not_of("0123456789", 1) == std::string::npos);
}

// Adds the files below a folder, by name.
absl::Status AddFolder(const fs::path& folder, InputPaths& found) {
  std::error_code error;
  std::vector<fs::directory_entry> entries;
  for (fs::directory_iterator at(folder, error); !error && at != fs::directory_iterator(); at.increment(error))
    entries.push_back(*at);
  if (error) return absl::ErrnoToStatus(error.value(), folder.string());
  std::ranges::sort(entries, {}, [](const fs::directory_entry& entry) { return entry.path().filename().string(); });
  for (const fs::directory_entry& entry : entries) {
    const std::string path = entry.path().string(), name = entry.path().filename().string();
    if (name.starts_with('.')) {
      found.skipped.push_back(path + ": hidden");
    } else if (entry.is_directory(error) && !entry.is_symlink(error)) {
      if (absl::Status status = AddFolder(entry.path(), found); !status.ok()) return status;
    } else if (!entry.is_regular_file(error)) {
      found.skipped.push_back(path + ": no regular file");  // A link to a folder may lead in circles.
    } else if (IsRejectsFile(name)) {
      found.skipped.push_back(path + ": rejects of an earlier load");
    } else {
      found.files.push_back(path);
    }
  }
  return absl::OkStatus();
}

absl::Status AddPath(const std::string& path, InputPaths& found) {
  std::error_code error;
  if (path == "-" || !fs::is_directory(path, error)) {
    found.files.push_back(path);
    return absl::OkStatus();
  }
  const std::size_t before = found.files.size();
  if (absl::Status status = AddFolder(path, found); !status.ok()) return status;
  if (found.files.size() > before) return absl::OkStatus();
  return absl::NotFoundError(absl::StrCat(path, ": no files in this folder"));
}

absl::Status AddPattern(const std::string& pattern, InputPaths& found) {
  glob_t matches{};
  const int outcome = glob(pattern.c_str(), GLOB_NOSORT, nullptr, &matches);
  std::vector<std::string> paths(matches.gl_pathv, matches.gl_pathv + (outcome == 0 ? matches.gl_pathc : 0));
  globfree(&matches);
  if (outcome == GLOB_NOSPACE) return absl::ResourceExhaustedError("no memory for the names of the files");
  if (paths.empty()) return absl::NotFoundError(absl::StrCat(pattern, ": no file matches this pattern"));
  std::ranges::sort(paths);  // By bytes, whatever the locale.
  for (const std::string& path : paths) {
    if (absl::Status status = AddPath(path, found); !status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<InputPaths> FindInputs(const std::vector<std::string>& arguments) {
  InputPaths found;
  for (const std::string& argument : arguments) {
    std::error_code error;
    const bool is_pattern = IsPattern(argument) && !fs::exists(argument, error);
    const absl::Status status = is_pattern ? AddPattern(argument, found) : AddPath(argument, found);
    if (!status.ok()) return status;
  }
  return found;
}

}  // namespace clientele
