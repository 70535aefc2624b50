#include "index/record_store.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

namespace clientele {
namespace {

constexpr std::uint64_t kMebibyte = std::uint64_t{1} << 20;

std::span<const std::uint8_t> Bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string Text(const std::uint8_t* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

TEST_CASE("RecordRegion reserves far more than the machine has without using it", "[index][record_store]") {
  const auto region = RecordRegion::Reserve();
  REQUIRE(region.ok());
  CHECK((*region)->bytes_reserved() >= 64 * kMebibyte);
  CHECK((*region)->bytes_used() == 0);
  CHECK((*region)->Allocate(100) == 0u);
  CHECK((*region)->Allocate(5) == 100u);
  CHECK((*region)->bytes_used() == 105);
}

TEST_CASE("RecordRegion says when it is used up", "[index][record_store]") {
  const auto region = RecordRegion::Reserve(4 * kMebibyte);
  REQUIRE(region.ok());
  CHECK((*region)->bytes_reserved() == 4 * kMebibyte);
  CHECK((*region)->Allocate(3 * kMebibyte) == 0u);
  CHECK_FALSE((*region)->Allocate(kMebibyte + 1).has_value());
  CHECK_FALSE((*region)->Allocate(UINT64_MAX).has_value());
  CHECK((*region)->Allocate(kMebibyte) == 3 * kMebibyte);  // What was refused took nothing.
  CHECK_FALSE((*region)->Allocate(1).has_value());
}

TEST_CASE("RecordRegion's memory comes zeroed and is writable to the last byte", "[index][record_store]") {
  const auto region = RecordRegion::Reserve(200 * kMebibyte);
  REQUIRE(region.ok());
  const std::uint64_t size = (*region)->bytes_reserved();
  REQUIRE((*region)->Allocate(size) == 0u);
  CHECK(*(*region)->At(size - 1) == 0);
  *(*region)->At(size - 1) = 1;
  *(*region)->At(0) = 2;
  CHECK(*(*region)->At(size - 1) == 1);
}

TEST_CASE("RecordAppender copies records one after the other and large ones aside", "[index][record_store]") {
  const auto region = RecordRegion::Reserve(16 * kMebibyte);
  REQUIRE(region.ok());
  RecordAppender appender(*region);
  CHECK(appender.Append(Bytes("one")) == 0u);
  CHECK(appender.Append(Bytes("three")) == 3u);
  const std::string large(kMebibyte, 'L');
  const auto large_at = appender.Append(Bytes(large));
  REQUIRE(large_at.has_value());
  CHECK(appender.Append(Bytes("two")) == 8u);
  CHECK(Text((*region)->At(0), 11) == "onethreetwo");
  CHECK(Text((*region)->At(*large_at), large.size()) == large);
}

TEST_CASE("RecordAppender refuses a record that the region has no room for", "[index][record_store]") {
  const auto region = RecordRegion::Reserve(2 * kMebibyte);
  REQUIRE(region.ok());
  RecordAppender appender(*region);
  CHECK(appender.Append(Bytes("small")).has_value());
  CHECK_FALSE(appender.Append(Bytes(std::string(2 * kMebibyte, 'x'))).has_value());
  CHECK(appender.Append(Bytes("small")).has_value());
  RecordAppender other(*region);
  std::uint64_t appended = 0;
  const std::string record(1000, 'r');
  while (other.Append(Bytes(record)).has_value()) ++appended;
  CHECK(appended == 7 * (262'144 / 1000));  // Seven extents were left.
}

TEST_CASE("RecordStore finds each row's record wherever it lies", "[index][record_store]") {
  const auto region = RecordRegion::Reserve(std::uint64_t{12} << 30);
  REQUIRE(region.ok());
  if ((*region)->bytes_reserved() < std::uint64_t{12} << 30) return;  // An address space limit: nothing lies beyond 32 bits.
  REQUIRE((*region)->Allocate(64) == 0u);
  const auto far = (*region)->Allocate(std::uint64_t{10} << 30);
  const auto behind = (*region)->Allocate(64);
  REQUIRE(far.has_value());
  REQUIRE(behind.has_value());
  *(*region)->At(0) = 10;
  *(*region)->At(*behind) = 20;
  RecordStore store(*region, 2);
  store.Set(0, *behind);
  store.Set(1, 0);
  CHECK(store.size() == 2);
  CHECK(*store.Record(0) == 20);
  CHECK(*store.Record(1) == 10);
  RecordStore::Prefetch(store.Record(0));
  CHECK(store.OffsetBytes() >= 10);
  CHECK(store.RecordBytes() == (*region)->bytes_used());
}

TEST_CASE("RecordStore without rows holds nothing", "[index][record_store]") {
  const RecordStore store;
  CHECK(store.size() == 0);
  CHECK(store.OffsetBytes() == 0);
  CHECK(store.RecordBytes() == 0);
}

// Run under ThreadSanitizer.
TEST_CASE("RecordAppenders of several threads never overlap", "[index][record_store][threads]") {
  constexpr int kThreads = 4;
  constexpr std::uint32_t kRecords = 5'000;
  const auto region = RecordRegion::Reserve(256 * kMebibyte);
  REQUIRE(region.ok());
  RecordStore store(*region, kThreads * kRecords);
  std::vector<std::thread> threads;
  for (std::uint32_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      RecordAppender appender(*region);
      for (std::uint32_t i = 0; i < kRecords; ++i) {
        const std::uint32_t row = i * kThreads + t;
        const std::string record(100 + row % 300, static_cast<char>('a' + row % 26));
        store.Set(row, appender.Append(Bytes(record)).value());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (std::uint32_t row = 0; row < store.size(); ++row) {
    REQUIRE(Text(store.Record(row), 100 + row % 300) == std::string(100 + row % 300, static_cast<char>('a' + row % 26)));
  }
}

}  // namespace
}  // namespace clientele
