// `clientele apply`: writes from files to a live set, without a server.
#pragma once

#include <CLI/CLI.hpp>

namespace clientele {

// Adds the subcommand. Parsing the command line runs it and sets `exit_status`, which must live as long as `app`.
void AddApplyCommand(CLI::App& app, int& exit_status);

}  // namespace clientele
