// Where a command's clients come from: files that are loaded, a snapshot that is opened, or a live set.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <absl/status/statusor.h>

#include "engine/client_set.h"
#include "index/snapshot_reader.h"
#include "server/command_load.h"

namespace clientele {

class Segment;

struct SourceFlags {
  LoadFlags load;
  Verify verify = Verify::kFull;  // Of a snapshot.
  ClientSetOptions set;           // What OpenLiveSource does not decide itself.
};

struct ClientSource {
  std::shared_ptr<const Segment> segment;  // Null for a live set.
  std::shared_ptr<ClientSet> set;          // Null for clients that are never written.
  int exit_status = 0;                     // So far: kExitSomeRejected when records were refused.
  std::string story;                       // "2,000 clients in 12 ms, 3 MB of JSON in 1 MB of memory", for logs.
};

// Adds PATH..., the options of a load and --verify to a command. `flags` must live as long as the command.
void AddSourceFlags(CLI::App& command, SourceFlags& flags);

// Loads the files (telling about progress and rejects on standard error), or opens the snapshot when the only path is the folder
// of one. InvalidArgument when no record could be loaded, or when a snapshot stands among other paths; else as LoadFiles and
// OpenSnapshot. `on_damage` is told what shows in a lazily opened snapshot later, from any thread.
absl::StatusOr<ClientSource> OpenSource(const SourceFlags& flags, std::function<void(const absl::Status&)> on_damage = {});

// How a live set is opened.
enum class SetAccess : std::uint8_t {
  kRead,   // Beside a program that may be writing to it.
  kWrite,  // By one program at a time.
};

// Whether the only path is the folder of a live set.
bool IsLiveSource(const SourceFlags& flags);

// Opens the live set in the folder that is the only path, which may be new, or hold a snapshot: that becomes a live set. Errors
// as ClientSet::Open. `on_problem` is told what the background could not do, and of damage, from any thread.
absl::StatusOr<ClientSource> OpenLiveSource(const SourceFlags& flags, SetAccess access,
                                            std::function<void(const absl::Status&)> on_problem = {});

// What a query of this source looks at.
Snapshot TakeSnapshot(const ClientSource& source, const Query& query);

// Memory held by all parts.
std::uint64_t MemoryOf(const Segment& segment);

}  // namespace clientele
