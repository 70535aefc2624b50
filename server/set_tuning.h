// Options of a command that opens a live set for writing: when its background works, and what that costs. The defaults suit sets
// of millions; tests make everything happen within few writes by small values.
#pragma once

#include <CLI/CLI.hpp>

#include "engine/client_set.h"

namespace clientele {

// Adds --live-rows and the others. `options` must live as long as the command.
void AddSetTuning(CLI::App& command, ClientSetOptions& options);

}  // namespace clientele
