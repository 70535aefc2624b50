// `clientele query`: answers one list query from files, with the parameters of the HTTP endpoint.
#pragma once

#include <CLI/CLI.hpp>

namespace clientele {

// Adds the subcommand. Parsing the command line runs it and sets `exit_status`, which must live as long as `app`.
void AddQueryCommand(CLI::App& app, int& exit_status);

}  // namespace clientele
