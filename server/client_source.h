// Where a command's clients come from: files that are loaded, or a snapshot that is opened.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <absl/status/statusor.h>

#include "index/snapshot_reader.h"
#include "server/command_load.h"

namespace clientele {

class Segment;

struct SourceFlags {
  LoadFlags load;
  Verify verify = Verify::kFull;  // Of a snapshot.
};

struct ClientSource {
  std::shared_ptr<const Segment> segment;
  int exit_status = 0;  // So far: kExitSomeRejected when records were refused.
  std::string story;    // "2,000 clients in 12 ms, 3 MB of JSON in 1 MB of memory", for logs.
};

// Adds PATH..., the options of a load and --verify to a command. `flags` must live as long as the command.
void AddSourceFlags(CLI::App& command, SourceFlags& flags);

// Loads the files (telling about progress and rejects on standard error), or opens the snapshot when the only path is the folder
// of one. InvalidArgument when no record could be loaded, or when a snapshot stands among other paths; else as LoadFiles and
// OpenSnapshot. `on_damage` is told what shows in a lazily opened snapshot later, from any thread.
absl::StatusOr<ClientSource> OpenSource(const SourceFlags& flags, std::function<void(const absl::Status&)> on_damage = {});

// Memory held by all parts.
std::uint64_t MemoryOf(const Segment& segment);

}  // namespace clientele
