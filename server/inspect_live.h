// `clientele inspect FOLDER` for the folder of a live set: its segment files with their dead rows, and its log. Reads beside a
// server that has the set open; what is told is the version of that moment.
#pragma once

#include "server/inspect_snapshot.h"

namespace clientele {

// As InspectSnapshot. kExitFailed when the set cannot be opened; with `verify` also when anything in its files is damaged.
int InspectLive(const InspectSnapshotFlags& flags);

}  // namespace clientele
