// The program: one subcommand each for making, checking, asking and serving client records.
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include "index/nearest_name.h"
#include "loader/allocator_tuning.h"
#include "server/command_apply.h"
#include "server/command_generate.h"
#include "server/command_inspect.h"
#include "server/command_keys.h"
#include "server/command_load.h"
#include "server/command_query.h"
#include "server/command_serve.h"
#include "server/exit_status.h"
#include "server/terminal.h"

namespace {

constexpr const char* kDescription =
    "Clientele: lists of clients, filtered and sorted in microseconds.\n"
    "Client records go in as JSON; the list query, with exact counts, comes out, from the command\n"
    "line or over HTTP.";

constexpr const char* kExamples =
    "Examples:\n"
    "  clientele generate --clients 100000 --out clients.ndjson\n"
    "  clientele query clients.ndjson --status active --country_code US --ordering -created_at --limit 20\n"
    "  clientele serve clients.ndjson\n"
    "\n"
    "'clientele COMMAND --help' explains a command. Exit status: 0 done, 1 done but some records of\n"
    "the input were refused, 2 nothing done.\n";

// For a command line that names no command of ours.
int TellCommands(const CLI::App& app) {
  const std::vector<std::string> unknown = app.remaining();
  if (unknown.empty()) {
    std::fputs(app.help().c_str(), stderr);
    return clientele::kExitFailed;
  }
  std::vector<std::string> commands;
  for (const CLI::App* command : app.get_subcommands({})) commands.push_back(command->get_name());
  const std::vector<std::string_view> names(commands.begin(), commands.end());
  clientele::PrintError("unknown command '" + unknown.front() + "'; did you mean '" +
                        std::string(clientele::NearestName(unknown.front(), names)) + "'? See clientele --help.");
  return clientele::kExitFailed;
}

}  // namespace

int main(int argc, char** argv) {
  clientele::TuneAllocatorForLoading();
  CLI::App app(kDescription, "clientele");
  app.footer(kExamples);
  app.set_version_flag("--version", "clientele " CLIENTELE_VERSION);
  // Without a known command we say more than the library would.
  app.require_subcommand(0, 1);
  app.allow_extras();

  int exit_status = clientele::kExitDone;
  clientele::AddGenerateCommand(app, exit_status);
  clientele::AddLoadCommand(app, exit_status);
  clientele::AddApplyCommand(app, exit_status);
  clientele::AddQueryCommand(app, exit_status);
  clientele::AddServeCommand(app, exit_status);
  clientele::AddInspectCommand(app, exit_status);
  clientele::AddKeysCommand(app, exit_status);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // The library has a number of its own for every kind of mistake; help and version are none.
    return app.exit(error) == 0 ? clientele::kExitDone : clientele::kExitFailed;
  }
  return app.get_subcommands().empty() ? TellCommands(app) : exit_status;
}
