// `clientele inspect FOLDER` for the folder of a snapshot: rows, what each column and index takes on disk and in memory, the
// range of creation times, the dictionaries and, when asked, whether everything is as it was written.
#pragma once

#include <string>

namespace clientele {

struct InspectSnapshotFlags {
  std::string folder;
  bool verify = false;  // Read everything and verify every checksum; otherwise only what the answer needs.
  bool json = false;    // One object on standard output instead of tables.
};

// Prints to standard output; errors, and with `verify` the damaged sections, to standard error. Returns the exit status:
// kExitDone, or kExitFailed when the snapshot cannot be opened or is damaged.
int InspectSnapshot(const InspectSnapshotFlags& flags);

}  // namespace clientele
