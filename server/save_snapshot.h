// Saves what was loaded as a snapshot, telling how far it is.
#pragma once

#include <string>

#include <absl/status/statusor.h>

#include "loader/load.h"

namespace clientele {

// The progress shows on standard error (phase "write") unless `quiet`. Returns a line for people: "snapshot  1.2 GB  in DIR,
// 3.1 s, 390 MB/s". The status is SaveSnapshot's.
absl::StatusOr<std::string> SaveWithProgress(const LoadReport& report, const std::string& folder, bool quiet);

}  // namespace clientele
