#include "server/command_inspect.h"

#include <memory>

#include "server/inspect_snapshot.h"

namespace clientele {

void AddInspectCommand(CLI::App& app, int& exit_status) {
  CLI::App* command = app.add_subcommand("inspect", "Tell what a snapshot holds");
  auto flags = std::make_shared<InspectSnapshotFlags>();
  command->add_option("path", flags->folder, "Folder of a snapshot")->required()->type_name("FOLDER");
  command->add_flag("--verify", flags->verify, "Read everything and verify every checksum");
  command->add_flag("--json", flags->json, "One JSON object instead of tables");
  command->callback([flags, &exit_status] { exit_status = InspectSnapshot(*flags); });
}

}  // namespace clientele
