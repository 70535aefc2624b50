// What the two halves of LiveStore share: opening (live_store_opening.cpp), and what follows it (live_store.cpp).
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include <absl/status/status.h>
#include <absl/strings/str_cat.h>
#include <xxhash.h>

#include "engine/live_store.h"
#include "engine/sqlite_connection.h"
#include "index/absl_view.h"
#include "index/snapshot_directory.h"

namespace clientele {

inline std::string StorePath(const std::string& folder) {
  return absl::StrCat(folder, "/", AbslView(kLiveStoreName));
}

inline std::string WriteAheadPath(const std::string& folder) {
  return absl::StrCat(StorePath(folder), "-wal");
}

inline std::uint64_t ReplyKeyHash(std::string_view key) {
  return XXH3_64bits(key.data(), key.size());
}

// Whether the next try may succeed: nothing was written, and what was in the way may go.
inline bool MayPass(const absl::Status& status) {
  return absl::IsResourceExhausted(status) || absl::IsUnavailable(status) || absl::IsInvalidArgument(status);
}

// Within a transaction. InvalidArgument: it is registered already.
absl::Status RegisterSegment(SqliteConnection& database, const LiveSegment& segment);

}  // namespace clientele
