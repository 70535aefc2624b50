#include "index/text_sort.h"

#include <algorithm>
#include <numeric>
#include <random>
#include <string>

#include <catch2/catch.hpp>

namespace clientele {
namespace {

// The order that the contract asks for, by the slow and obvious way.
std::vector<std::uint32_t> StablySorted(const std::vector<std::string>& texts) {
  std::vector<std::uint32_t> order(texts.size());
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) { return texts[a] < texts[b]; });
  return order;
}

void CheckSorts(const std::vector<std::string>& texts) {
  const SortedTexts sorted =
      SortTexts(static_cast<std::uint32_t>(texts.size()), [&](std::uint32_t i) -> std::string_view { return texts[i]; });
  const std::vector<std::uint32_t> expected = StablySorted(texts);
  REQUIRE(sorted.order.size() == texts.size());
  REQUIRE(std::equal(expected.begin(), expected.end(), sorted.order.begin()));
  std::uint32_t groups = 0;
  for (std::uint32_t p = 0; p < texts.size(); ++p) {
    const bool starts = p == 0 || texts[expected[p]] != texts[expected[p - 1]];
    groups += starts;
    if (sorted.StartsGroup(p) != starts) FAIL("position " << p << " is marked wrongly");
  }
  CHECK(sorted.group_count == groups);
}

std::string RandomText(std::mt19937_64& random, std::string_view alphabet, std::size_t length) {
  std::string text(length, '\0');
  for (char& c : text) c = alphabet[random() % alphabet.size()];
  return text;
}

TEST_CASE("no texts sort to no texts", "[index][text_sort]") {
  const SortedTexts sorted = SortTexts(0, [](std::uint32_t) { return std::string_view(); });
  CHECK(sorted.order.empty());
  CHECK(sorted.group_starts.empty());
  CHECK(sorted.group_count == 0);
}

TEST_CASE("texts sort by unsigned bytes, a prefix before what it begins", "[index][text_sort]") {
  using namespace std::string_literals;
  CheckSorts({"b"s, ""s, "a"s, "\xC3\xA4"s, "a\0"s, "a\0\0"s, "a"s, "aa"s, "a\0b"s, "\xFF"s, "\x7F"s, ""s});
}

TEST_CASE("texts that end around the cached bytes sort right", "[index][text_sort]") {
  std::vector<std::string> texts;
  for (std::size_t length = 0; length < 40; ++length) {
    for (const char last : {'\0', '\1', 'a', '\xFF'}) {
      texts.push_back(std::string(length, 'a') + last);
      texts.push_back(std::string(length, '\0') + last);
      texts.push_back(std::string(length, '\xFF') + last);
    }
  }
  std::shuffle(texts.begin(), texts.end(), std::mt19937_64(3));
  CheckSorts(texts);
}

TEST_CASE("random texts sort as std::stable_sort does", "[index][text_sort]") {
  const auto seed = GENERATE(range(1u, 41u));
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  const std::string_view alphabets[] = {"a", "ab", std::string_view("\0a", 2), "abcdefghijklmnopqrstuvwxyz",
                                        "\x01\x7F\x80\xFE\xFF"};
  const std::string_view alphabet = alphabets[seed % 5];
  const std::size_t length_max = std::vector<std::size_t>{1, 3, 9, 30, 300}[random() % 5];
  const std::size_t count = std::vector<std::size_t>{1, 2, 17, 300, 5'000, 30'000}[random() % 6];
  const std::string shared_prefix = RandomText(random, alphabet, random() % 20);
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0 && random() % 3 == 0)
      texts.push_back(texts[random() % i]);
    else
      texts.push_back((random() % 2 ? shared_prefix : "") + RandomText(random, alphabet, random() % (length_max + 1)));
  }
  CheckSorts(texts);
}

TEST_CASE("runs that are worth all cores sort as std::stable_sort does", "[index][text_sort]") {
  std::mt19937_64 random(11);
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < 400'000; ++i) {
    if (i % 2 == 0)
      texts.push_back("a frequent text, longer than a key");
    else
      texts.push_back("customer-of-the-shop-" + RandomText(random, "0123", 12));
  }
  CheckSorts(texts);
}

TEST_CASE("texts that are each other's prefixes nest without recursion", "[index][text_sort]") {
  std::vector<std::string> texts;
  for (std::size_t length = 0; length < 6'000; ++length) texts.push_back(std::string(length, 'x'));
  std::shuffle(texts.begin(), texts.end(), std::mt19937_64(5));
  CheckSorts(texts);
}

}  // namespace
}  // namespace clientele
