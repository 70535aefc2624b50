// `clientele inspect`: shows what is in a file of records, and guesses a mapping for it; or what a snapshot holds.
#pragma once

#include <CLI/CLI.hpp>

namespace clientele {

// Adds the subcommand. Parsing the command line runs it and sets `exit_status`, which must live as long as `app`.
void AddInspectCommand(CLI::App& app, int& exit_status);

}  // namespace clientele
