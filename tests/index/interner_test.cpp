#include "index/interner.h"

#include <cstring>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

namespace clientele {
namespace {

TEST_CASE("Interner numbers texts in the order of first sight", "[index][interner]") {
  Interner interner(10);
  CHECK(interner.Intern("gmail.com") == 0u);
  CHECK(interner.Intern("") == 1u);
  CHECK(interner.Intern("gmail.com") == 0u);
  CHECK(interner.Intern("mail.ru") == 2u);
  CHECK(interner.size() == 3);
  CHECK(interner.Text(0) == "gmail.com");
  CHECK(interner.Text(1) == "");
  CHECK(interner.Text(2) == "mail.ru");
}

TEST_CASE("Interner finds without adding", "[index][interner]") {
  Interner interner(10);
  CHECK_FALSE(interner.Find("a").has_value());
  CHECK(interner.size() == 0);
  interner.Intern("a");
  CHECK(interner.Find("a") == 0u);
  CHECK_FALSE(interner.Find("b").has_value());
}

TEST_CASE("Interner refuses new texts when full and still knows the old ones", "[index][interner]") {
  Interner interner(2);
  CHECK_FALSE(interner.full());
  interner.Intern("a");
  interner.Intern("b");
  CHECK(interner.full());
  CHECK_FALSE(interner.Intern("c").has_value());
  CHECK(interner.Intern("b") == 1u);
  CHECK(interner.size() == 2);
}

TEST_CASE("Interner of no capacity refuses everything", "[index][interner]") {
  Interner interner(0);
  CHECK(interner.full());
  CHECK_FALSE(interner.Intern("a").has_value());
  CHECK_FALSE(interner.Find("a").has_value());
}

TEST_CASE("Interner tells apart texts that differ after an embedded NUL, and integers as their bytes", "[index][interner]") {
  Interner interner(10);
  CHECK(interner.Intern(std::string_view("a\0b", 3)) == 0u);
  CHECK(interner.Intern(std::string_view("a\0c", 3)) == 1u);
  CHECK(interner.Text(1) == std::string_view("a\0c", 3));
  const std::int64_t seller = -7;
  char bytes[8];
  std::memcpy(bytes, &seller, 8);
  CHECK(interner.Intern(std::string_view(bytes, 8)) == 2u);
  CHECK(interner.Text(2) == std::string_view(bytes, 8));
}

TEST_CASE("Interner's views survive its growth, and short texts may be read in aligned steps", "[index][interner]") {
  Interner interner(50'000);
  interner.Intern("first");
  const std::string_view first = interner.Text(0);
  const std::string long_text(3'000'000, 'x');
  for (int i = 1; i < 20'000; ++i) interner.Intern("text " + std::to_string(i));
  CHECK(interner.Intern(long_text) == 20'000u);
  CHECK(first == "first");
  CHECK(interner.Text(0).data() == first.data());
  CHECK(interner.Text(20'000) == long_text);
  for (std::uint32_t code = 1; code < 20'000; ++code) {
    const std::string_view text = interner.Text(code);
    REQUIRE(text == "text " + std::to_string(code));
    REQUIRE(interner.Find(text) == code);
    REQUIRE(reinterpret_cast<std::uintptr_t>(text.data()) % Interner::kTextAlignment == 0);
    char copy[Interner::kTextAlignment];
    std::memcpy(copy, text.data(), sizeof copy);  // AddressSanitizer would object if this were not ours to read.
    REQUIRE(copy[text.size()] == 0);
  }
}

TEST_CASE("Interner reports the memory that it holds", "[index][interner]") {
  Interner interner(std::numeric_limits<std::uint32_t>::max());
  const std::uint64_t empty = interner.MemoryBytes();
  CHECK(empty > 0);
  CHECK(empty < 2'000);
  for (int i = 0; i < 10'000; ++i) interner.Intern(std::string(100, 'x') + std::to_string(i));
  const std::uint64_t filled = interner.MemoryBytes();
  CHECK(filled > 10'000 * 128);
  CHECK(filled < 10'000 * 300);
}

// Several threads add overlapping texts and read each other's codes: run under ThreadSanitizer.
TEST_CASE("Interner gives every thread the same code for a text", "[index][interner][threads]") {
  constexpr int kThreads = 4, kTexts = 3'000;
  Interner interner(kTexts - 500);
  std::vector<std::vector<std::optional<std::uint32_t>>> codes(kThreads);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kTexts; ++i) {
        const int which = (i * 7 + t * 701) % kTexts;
        const std::string text = "value " + std::to_string(which);
        const auto code = interner.Intern(text);
        if (code.has_value() && interner.Text(*code) != text) throw std::logic_error("wrong text");
        // Any code below size() may be read at any time.
        if (interner.Text(interner.size() - 1).empty()) throw std::logic_error("unpublished text");
      }
      for (int i = 0; i < kTexts; ++i) codes[t].push_back(interner.Find("value " + std::to_string(i)));
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(interner.full());
  int known = 0;
  for (int i = 0; i < kTexts; ++i) {
    const auto code = interner.Find("value " + std::to_string(i));
    known += code.has_value();
    if (code.has_value()) REQUIRE(interner.Text(*code) == "value " + std::to_string(i));
  }
  CHECK(known == kTexts - 500);
  for (int t = 1; t < kThreads; ++t) CHECK(codes[t] == codes[0]);
}

}  // namespace
}  // namespace clientele
