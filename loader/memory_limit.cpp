#include "loader/memory_limit.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <limits>

#include <absl/strings/match.h>
#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>
#include <absl/strings/strip.h>
#include <unistd.h>

#include "index/absl_view.h"
#include "loader/input_file.h"

namespace clientele {
namespace {

constexpr std::uint64_t kProgramBytes = std::uint64_t{32} << 20;  // Code, stacks, allocator, the threads' scratch.

// The number in a one-line file of the kernel's; nullopt for "max" or when it is not there.
std::optional<std::uint64_t> ReadNumber(const std::string& path) {
  std::ifstream file(path);
  std::uint64_t number = 0;
  if (!(file >> number)) return std::nullopt;
  return number;
}

// The control group's path within the hierarchy: the line "0::/path" of cgroup 2.
std::string ControlGroup() {
  std::ifstream file("/proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("0::")) return line.substr(3);
  }
  return "";
}

}  // namespace

std::uint64_t MachineMemoryBytes() {
  const long pages = sysconf(_SC_PHYS_PAGES), page_bytes = sysconf(_SC_PAGESIZE);
  std::uint64_t bytes =
      pages > 0 && page_bytes > 0 ? static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page_bytes) : 0;
  const auto narrow = [&bytes](const std::string& path) {
    const auto limit = ReadNumber(path);
    if (limit && *limit > 0) bytes = bytes == 0 ? *limit : std::min(bytes, *limit);
  };
  narrow("/sys/fs/cgroup/memory/memory.limit_in_bytes");  // Version 1.
  // Version 2: every group above limits too.
  for (std::string group = ControlGroup(); !group.empty(); group.resize(group.rfind('/'))) {
    narrow("/sys/fs/cgroup" + group + "/memory.max");
    if (group.find('/') == std::string::npos) break;
  }
  narrow("/sys/fs/cgroup/memory.max");
  return bytes;
}

std::uint64_t AvailableMemoryBytes() {
  std::ifstream file("/proc/meminfo");
  std::uint64_t kibibytes = 0;
  for (std::string name; file >> name && name != "MemAvailable:";) file.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
  return file >> kibibytes ? std::min(kibibytes * 1024, MachineMemoryBytes()) : MachineMemoryBytes();
}

absl::StatusOr<std::uint64_t> ParseMemoryLimit(std::string_view text, std::uint64_t machine_bytes) {
  const absl::Status error =
      absl::InvalidArgumentError(absl::StrCat("expected a size such as 8G, 800M or 80%, got '", AbslView(text), "'"));
  absl::string_view number = AbslView(text);
  double unit = 1;
  if (absl::ConsumeSuffix(&number, "%")) {
    if (machine_bytes == 0) return absl::InvalidArgumentError("the machine does not say how much memory it has: give a size");
    unit = static_cast<double>(machine_bytes) / 100;
  } else {
    if (!absl::ConsumeSuffix(&number, "iB")) absl::ConsumeSuffix(&number, "B");
    constexpr absl::string_view kUnits = "KMGT";
    const std::size_t power =
        number.empty() ? kUnits.npos : kUnits.find(static_cast<char>(std::toupper(static_cast<unsigned char>(number.back()))));
    if (power != kUnits.npos) {
      unit = std::exp2(10 * static_cast<double>(power + 1));
      number.remove_suffix(1);
    }
  }
  double value = 0;
  const bool is_plain =
      !number.empty() && std::all_of(number.begin(), number.end(), [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
  if (!is_plain || !absl::SimpleAtod(number, &value)) return error;
  const double bytes = value * unit;
  if (!(bytes >= 1) || bytes > 1e18) return error;
  return static_cast<std::uint64_t>(bytes);
}

std::uint64_t EstimatePeakBytes(const BuilderMemory& held, std::uint64_t buffer_bytes) {
  const std::uint64_t reading = held.columns + held.records + held.dictionaries + buffer_bytes;
  // Sealing holds the largest columns twice and the rows' orders besides; the buffers are free by then. Measured from 0.1M to 2M
  // clients, whole and flat ones: 0 to 5 % more than it came to.
  const std::uint64_t sealing = held.columns + held.columns * 3 / 8 + held.records + held.dictionaries + held.clients * 4;
  return kProgramBytes + std::max(reading, sealing);
}

absl::Status CheckFitsBeforeReading(const std::vector<std::string>& paths, std::uint64_t limit_bytes) {
  // Real records take some 20 to 40 % of their JSON; blanks could make that less, so only what is far off is refused here.
  constexpr std::uint64_t kPlainPerKept = 20;
  std::uint64_t bytes = 0;
  for (const std::string& path : paths) {
    const absl::StatusOr<std::optional<std::uint64_t>> size = CheckInputFile(path);
    if (size.ok()) bytes += size->value_or(0);
  }
  const std::uint64_t least = kProgramBytes + bytes / kPlainPerKept;
  if (least <= limit_bytes) return absl::OkStatus();
  return absl::ResourceExhaustedError(absl::StrCat("memory limit of ", BinaryBytes(limit_bytes), ": ", BinaryBytes(bytes),
                                                   " of input need at the very least ", BinaryBytes(least),
                                                   "; nothing was read. Raise --memory-limit or load less at a time"));
}

std::string BinaryBytes(std::uint64_t bytes) {
  constexpr std::array<const char*, 5> kUnits = {"bytes", "KiB", "MiB", "GiB", "TiB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; value >= 1024 && unit + 1 < kUnits.size(); ++unit) value /= 1024;
  return unit == 0 ? absl::StrCat(bytes, " bytes") : absl::StrFormat("%.1f %s", value, kUnits[unit]);
}

}  // namespace clientele
