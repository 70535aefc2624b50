#include "index/text_search.h"

#include <map>
#include <random>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "index/vector_level.h"

namespace clientele {
namespace {

using Masks = std::map<std::uint32_t, std::uint64_t>;

// Items in one piece of memory of exactly the promised size, so that a sanitizer sees any read beyond it.
struct Items {
  std::vector<std::string> texts;
  std::string bytes;
  std::size_t size = 0;

  explicit Items(std::vector<std::string> items) : texts(std::move(items)) {
    for (const std::string& text : texts) bytes += text + kItemSeparator;
    size = bytes.size();
    bytes.append(kSearchPaddingBytes, kItemSeparator);
  }

  Masks Scan(std::string_view needle, const ByteCounts& counts) const {
    Masks masks;
    std::int64_t last_block = -1;
    ScanItems(Needle(needle, counts), bytes.data(), bytes.data() + size, [&](std::uint32_t block, std::uint64_t mask) {
      CHECK(std::int64_t{block} > last_block);
      last_block = block;
      masks[block] = mask;
    });
    return masks;
  }

  Masks ScanSlowly(std::string_view needle) const {
    Masks masks;
    for (std::size_t i = 0; i < texts.size(); ++i) {
      if (texts[i].find(needle) != std::string::npos) masks[static_cast<std::uint32_t>(i / 64)] |= std::uint64_t{1} << (i % 64);
    }
    return masks;
  }
};

std::string RandomText(std::mt19937_64& random, std::string_view alphabet, std::size_t length) {
  std::string text(length, '\0');
  for (char& c : text) c = alphabet[random() % alphabet.size()];
  return text;
}

ByteCounts RandomCounts(std::mt19937_64& random) {
  ByteCounts counts;
  for (std::uint32_t& count : counts) count = static_cast<std::uint32_t>(random() % 4);
  return counts;
}

const VectorLevel kLevels[] = {VectorLevel::kBaseline, VectorLevel::kAvx2, VectorLevel::kAvx512};

TEST_CASE("a level that the machine has can be made the active one", "[index][vector_level]") {
  for (const VectorLevel level : kLevels) {
    const ScopedVectorLevel scope(level);
    CHECK(ActiveVectorLevel() == std::min(level, MachineVectorLevel()));
    CHECK(FindVectorLevel(Name(level)) == level);
  }
  CHECK(FindVectorLevel("sse9") == std::nullopt);
}

TEST_CASE("scanning finds each item with the needle once and no other", "[index][text_search]") {
  const Items items({"", "abc", "xabcabc", "ab", "c", "bc", "abxabc", ""});
  for (const VectorLevel level : kLevels) {
    const ScopedVectorLevel scope(level);
    CAPTURE(Name(level));
    CHECK(items.Scan("abc", {}) == Masks{{0, 0b01000110}});
    CHECK(items.Scan("a", {}) == Masks{{0, 0b01001110}});
    CHECK(items.Scan("bc", {}) == Masks{{0, 0b01100110}});
    CHECK(items.Scan("abcabcabcabc", {}).empty());
  }
}

TEST_CASE("a needle does not match across items or values", "[index][text_search]") {
  const Items items({"ab", "ba", std::string("ab") + kValueSeparator + "ba", "abba"});
  for (const VectorLevel level : kLevels) {
    const ScopedVectorLevel scope(level);
    CHECK(items.Scan("abba", {}) == Masks{{0, 0b1000}});
    CHECK(items.Scan("bb", {}) == Masks{{0, 0b1000}});
  }
}

TEST_CASE("scanning agrees with std::string::find on random items at every vector level", "[index][text_search]") {
  const auto seed = GENERATE(range(1u, 61u));
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  const std::string_view alphabets[] = {"ab", std::string_view("\0a", 2), "abcdefgh", "\xC3\xA4\xC3\xB6x", "aaaaaaab"};
  const std::string_view alphabet = alphabets[seed % 5];
  const std::size_t length_max = std::vector<std::size_t>{0, 2, 10, 60, 200, 5'000}[random() % 6];
  std::vector<std::string> texts;
  for (std::size_t i = random() % (length_max > 1'000 ? 40 : 400); i > 0; --i) {
    texts.push_back(RandomText(random, alphabet, random() % (length_max + 1)));
  }
  const Items items(std::move(texts));
  for (int n = 0; n < 60; ++n) {
    std::string needle = RandomText(random, alphabet, 1 + random() % 12);
    if (n % 3 == 0 && !items.texts.empty()) {  // A piece of an item, of any length.
      const std::string& text = items.texts[random() % items.texts.size()];
      const std::size_t begin = text.empty() ? 0 : random() % text.size();
      if (begin < text.size()) needle = text.substr(begin, 1 + random() % (n % 2 ? 20 : text.size()));
    }
    CAPTURE(needle);
    const Masks expected = items.ScanSlowly(needle);
    const ByteCounts counts = RandomCounts(random);
    for (const VectorLevel level : kLevels) {
      const ScopedVectorLevel scope(level);
      CAPTURE(Name(level));
      REQUIRE(items.Scan(needle, counts) == expected);
    }
  }
}

TEST_CASE("an item as long as hundreds of chunks is one item", "[index][text_search]") {
  std::string longest(20'000, 'x');
  longest += "needle";
  const Items items({"needle", longest, longest + longest, "x", std::string(70, 'x') + "needle"});
  for (const VectorLevel level : kLevels) {
    const ScopedVectorLevel scope(level);
    CHECK(items.Scan("needle", {}) == Masks{{0, 0b10111}});
    CHECK(items.Scan(longest, {}) == Masks{{0, 0b00110}});
    CHECK(items.Scan("needle" + longest, {}) == Masks{{0, 0b00100}});
  }
}

TEST_CASE("empty items count, also many in a chunk", "[index][text_search]") {
  std::vector<std::string> texts(1'000);
  texts[0] = texts[63] = texts[64] = texts[130] = texts[511] = texts[999] = "q";
  const Items items(std::move(texts));
  for (const VectorLevel level : kLevels) {
    const ScopedVectorLevel scope(level);
    CHECK(items.Scan("q", {}) == items.ScanSlowly("q"));
  }
}

TEST_CASE("skipping items lands behind the asked separator", "[index][text_search]") {
  std::mt19937_64 random(4);
  std::vector<std::string> texts;
  for (int i = 0; i < 300; ++i) texts.push_back(std::string(random() % 3 == 0 ? random() % 150 : random() % 4, 'a'));
  const Items items(std::move(texts));
  const char* const begin = items.bytes.data();
  const char* const end = begin + items.size;
  for (const VectorLevel level : kLevels) {
    const ScopedVectorLevel scope(level);
    const char* expected = begin;
    for (std::uint32_t count = 0; count <= 300; ++count) {
      REQUIRE(SkipItems(begin, end, count) == expected);
      if (count < 300) expected += items.texts[count].size() + 1;
    }
    CHECK(SkipItems(begin, end, 301) == end);
    CHECK(SkipItems(end, end, 1) == end);
  }
}

TEST_CASE("skipping items back lands where the asked item begins", "[index][text_search]") {
  std::mt19937_64 random(5);
  std::vector<std::string> texts(64);  // Some bytes to read before the first item asked for.
  for (int i = 0; i < 300; ++i) texts.push_back(std::string(random() % 3 == 0 ? random() % 150 : random() % 4, 'a'));
  const Items items(std::move(texts));
  const char* const begin = items.bytes.data() + 64;
  const char* const end = items.bytes.data() + items.size;
  for (const VectorLevel level : kLevels) {
    const ScopedVectorLevel scope(level);
    const char* expected = end;
    for (std::uint32_t count = 1; count <= 300; ++count) {
      expected -= items.texts[items.texts.size() - count].size() + 1;
      REQUIRE(SkipItemsBack(begin, end, count) == expected);
    }
    CHECK(SkipItemsBack(begin, end, 301) == begin);
    CHECK(SkipItemsBack(end, end, 1) == end);
  }
}

}  // namespace
}  // namespace clientele
