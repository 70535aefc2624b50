// `clientele load`: loads files and reports; and what every command that loads files shares.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>
#include <absl/status/statusor.h>

#include "loader/load.h"
#include "loader/memory_limit.h"

namespace clientele {

struct LoadFlags {
  std::vector<std::string> paths;
  std::string rejects_path;  // Empty: DefaultRejectsPath(), or, where that is taken, a name beside it.
  std::string map_path;      // Mapping file; empty: the records are client records.
  InputFormat format = InputFormat::kAuto;
  bool strict = false;
  bool dry_run = false;
  std::uint64_t rejects_max = ~std::uint64_t{0};
  std::uint64_t memory_limit = MachineMemoryBytes();  // 0: any.
  bool quiet = false;
  std::uint32_t threads = 0;
};

// Adds PATH... and the options of a load to a command. `flags` must live as long as the command. `format_option` is what the
// option for the inputs' format is called: "--input-format" where "--format" is that of the output.
void AddLoadFlags(CLI::App& command, LoadFlags& flags, const std::string& format_option = "--input-format");

// Names of the options that AddLoadFlags adds, without the dashes, for suggestions.
const std::vector<std::string_view>& LoadOptionNames();

// Finds the inputs and loads them, with a progress line on a terminal, and tells about rejects on standard error. The status is
// that of FindInputs or LoadFiles; with --strict its message shows the place too.
absl::StatusOr<LoadReport> LoadWithProgress(const LoadFlags& flags);

// Tells on standard error how many records (or what `what` calls one) were refused, where they are, and of the first ones why.
void TellRejects(const LoadReport& report, const std::string& what = "record");

// What folders and patterns left out.
void TellSkipped(const std::vector<std::string>& skipped);

// 0, 1 when some records were refused, 2 when all were.
int ExitStatusOf(const LoadReport& report);

// Where refused records go by default: a file in the working directory, named after the first input.
std::string DefaultRejectsPath(const std::vector<std::string>& paths);

// Adds the subcommand. Parsing the command line runs it and sets `exit_status`, which must live as long as `app`.
void AddLoadCommand(CLI::App& app, int& exit_status);

}  // namespace clientele
