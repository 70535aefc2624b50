// What a log group says, as bytes: records that replaced or became clients, and clients that are gone.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <absl/functional/function_ref.h>
#include <absl/status/status.h>

namespace clientele {

// Append one operation. O(bytes).
void AppendUpsert(std::string_view json, std::string& payload);
void AppendPurge(std::int64_t id, std::string& payload);

// Calls one of the two for each operation, in order; stops at the first error, and returns it. DataLoss: bytes that these
// functions did not make.
absl::Status ForEachOperation(std::string_view payload, absl::FunctionRef<absl::Status(std::string_view json)> on_upsert,
                              absl::FunctionRef<absl::Status(std::int64_t id)> on_purge);

}  // namespace clientele
