// `clientele load`: loads files and reports; and what every command that loads files shares.
#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <absl/status/statusor.h>

#include "loader/load.h"

namespace clientele {

struct LoadFlags {
  std::vector<std::string> paths;
  std::string rejects_path;  // Empty: DefaultRejectsPath().
  bool strict = false;
  bool quiet = false;
  std::uint32_t threads = 0;
};

// Adds PATH... and the options of a load to a command. `flags` must live as long as the command.
void AddLoadFlags(CLI::App& command, LoadFlags& flags);

// Loads with a progress line on a terminal and tells about rejects on standard error. The status is LoadFiles'.
absl::StatusOr<LoadReport> LoadWithProgress(const LoadFlags& flags);

// 0, 1 when some records were refused, 2 when all were.
int ExitStatusOf(const LoadReport& report);

// Where refused records go by default: a file in the working directory, named after the first input.
std::string DefaultRejectsPath(const std::vector<std::string>& paths);

// Adds the subcommand. Parsing the command line runs it and sets `exit_status`, which must live as long as `app`.
void AddLoadCommand(CLI::App& app, int& exit_status);

}  // namespace clientele
