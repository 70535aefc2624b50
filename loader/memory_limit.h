// How much memory a load may take, and whether it will be enough. Thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "index/segment_builder.h"

namespace clientele {

// What the machine, or the control group that this process is in, has. 0 when unknown.
std::uint64_t MachineMemoryBytes();

// What of it could be had now without taking it from other processes: free, or cached files. 0 when unknown.
std::uint64_t AvailableMemoryBytes();

// "8G", "800M", "1.5T", "64K" (powers of 1024; a trailing B or iB is allowed), a plain number of bytes, or "80%" of
// `machine_bytes`. InvalidArgument for anything else, and for 0.
absl::StatusOr<std::uint64_t> ParseMemoryLimit(std::string_view text, std::uint64_t machine_bytes);

// The most memory that the process will have taken when what the builder holds now has been sealed, the input's buffers included.
std::uint64_t EstimatePeakBytes(const BuilderMemory& held, std::uint64_t buffer_bytes);

// Before anything is read: ResourceExhausted when not even the least that these inputs can come to (nothing of which is known but
// their sizes on disk) fits into the limit.
absl::Status CheckFitsBeforeReading(const std::vector<std::string>& paths, std::uint64_t limit_bytes);

// "8.0 GiB".
std::string BinaryBytes(std::uint64_t bytes);

}  // namespace clientele
