#include "loader/memory_limit.h"

#include <catch2/catch.hpp>

#include "loader/generator.h"
#include "loader/load.h"
#include "tests/loader/temporary_files.h"

namespace clientele {
namespace {

TEST_CASE("limits are sizes or a share of the machine's memory", "[loader][memory_limit]") {
  const auto parsed = [](std::string_view text) { return ParseMemoryLimit(text, 1'000'000).value_or(0); };
  CHECK(parsed("8G") == std::uint64_t{8} << 30);
  CHECK(parsed("1.5g") == std::uint64_t{3} << 29);
  CHECK(parsed("64KiB") == 64 << 10);
  CHECK(parsed("2MB") == 2 << 20);
  CHECK(parsed("1T") == std::uint64_t{1} << 40);
  CHECK(parsed("12345") == 12'345);
  CHECK(parsed("80%") == 800'000);
  CHECK(parsed("12.5%") == 125'000);
}

TEST_CASE("what is no limit is refused", "[loader][memory_limit]") {
  for (const char* text :
       {"", "G", "%", "-1G", "+1G", "1 G", "1X", "0", "0%", "1e3", "0x10", "nan", "inf", "1.2.3G", "99999999T", "B"}) {
    CAPTURE(text);
    CHECK(absl::IsInvalidArgument(ParseMemoryLimit(text, 1'000).status()));
  }
  CHECK(absl::IsInvalidArgument(ParseMemoryLimit("80%", 0).status()));
}

TEST_CASE("the machine has memory", "[loader][memory_limit]") {
  CHECK(MachineMemoryBytes() > 64 << 20);
  CHECK(AvailableMemoryBytes() > 0);
  CHECK(AvailableMemoryBytes() <= MachineMemoryBytes());
}

TEST_CASE("the estimate grows with everything that is held", "[loader][memory_limit]") {
  const BuilderMemory held{.columns = 100'000'000, .records = 100'000'000, .dictionaries = 1'000'000, .clients = 100'000};
  const std::uint64_t peak = EstimatePeakBytes(held, 0);
  CHECK(peak > held.columns + held.records + held.dictionaries);
  BuilderMemory more = held;
  more.columns *= 2;
  CHECK(EstimatePeakBytes(more, 0) > peak + held.columns);
  more = held;
  more.records *= 2;
  CHECK(EstimatePeakBytes(more, 0) >= peak + held.records);
  CHECK(EstimatePeakBytes(held, std::uint64_t{1} << 30) > peak);
}

TEST_CASE("a load that does not fit is refused with the limit and how far it came", "[loader][memory_limit]") {
  const TemporaryFolder folder;
  const Generator generator(3, 60'000);
  std::string text;
  for (std::uint64_t i = 0; i < generator.client_count(); ++i) generator.AppendClient(i, text);
  LoadOptions options{.threads = 2, .on_progress = {}};
  options.memory_limit = 80 << 20;
  const std::string path = folder.Write("a.ndjson", text);
  const auto refused = LoadFiles({path}, options);
  REQUIRE(absl::IsResourceExhausted(refused.status()));
  const std::string message(refused.status().message());
  CHECK(message.find("memory limit of 80.0 MiB: reached at about record ") == 0);
  CHECK(message.find("--memory-limit") != std::string::npos);
  options.memory_limit = std::uint64_t{1} << 30;
  CHECK(LoadFiles({path}, options).ok());
}

TEST_CASE("a load that cannot fit is refused before it is read", "[loader][memory_limit]") {
  const TemporaryFolder folder;
  LoadOptions options{.on_progress = {}};
  options.memory_limit = 1 << 20;
  const auto refused = LoadFiles({folder.Write("a.ndjson", "{}")}, options);
  REQUIRE(absl::IsResourceExhausted(refused.status()));
  CHECK(std::string(refused.status().message()).find("nothing was read") != std::string::npos);
}

}  // namespace
}  // namespace clientele
