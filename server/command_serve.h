// `clientele serve`: answers the list query over HTTP.
#pragma once

#include <CLI/CLI.hpp>

namespace clientele {

// Adds the subcommand. Parsing the command line runs it, until a signal ends it, and sets `exit_status`, which must live as long
// as `app`.
void AddServeCommand(CLI::App& app, int& exit_status);

}  // namespace clientele
