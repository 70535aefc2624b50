#include "index/folded_text.h"

#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "index/vector_level.h"

namespace clientele {
namespace {

using Masks = std::map<std::uint32_t, std::uint64_t>;

FoldedText BuildFrom(const std::vector<std::string>& texts) {
  return FoldedText::Build(static_cast<std::uint32_t>(texts.size()),
                           [&](std::uint32_t i) -> std::string_view { return texts[i]; });
}

Masks Find(const FoldedText& text, std::string_view needle, std::uint32_t first, std::uint32_t last,
           TextSearchStats* stats = nullptr) {
  Masks masks;
  std::int64_t last_block = -1;
  text.FindContaining(
      needle, first, last,
      [&](std::uint32_t block, std::uint64_t mask) {
        CHECK(std::int64_t{block} > last_block);
        CHECK(mask != 0);
        last_block = block;
        masks[block] = mask;
      },
      stats);
  return masks;
}

Masks Find(const FoldedText& text, std::string_view needle, TextSearchStats* stats = nullptr) {
  return Find(text, needle, 0, text.block_count(), stats);
}

// Whether one of the values of an item contains the needle; without any index.
bool Contains(const std::string& item, std::string_view needle) {
  std::size_t begin = 0;
  while (true) {
    const std::size_t end = std::min(item.size(), item.find(kValueSeparator, begin));
    if (std::string_view(item).substr(begin, end - begin).find(needle) != std::string_view::npos) return true;
    if (end == item.size()) return false;
    begin = end + 1;
  }
}

Masks FindSlowly(const std::vector<std::string>& texts, std::string_view needle, std::uint32_t first = 0,
                 std::uint32_t last = ~0u) {
  Masks masks;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto block = static_cast<std::uint32_t>(i / 64);
    if (block >= first && block < last && Contains(texts[i], needle)) masks[block] |= std::uint64_t{1} << (i % 64);
  }
  return masks;
}

std::string RandomText(std::mt19937_64& random, std::string_view alphabet, std::size_t length) {
  std::string text(length, '\0');
  for (char& c : text) c = alphabet[random() % alphabet.size()];
  return text;
}

// Items like addresses: words of a vocabulary, so that grams repeat but needles can be rare.
std::vector<std::string> AddressLikeTexts(std::uint64_t seed, std::size_t count) {
  std::mt19937_64 random(seed);
  std::vector<std::string> words;
  for (int i = 0; i < 3'000; ++i) words.push_back(RandomText(random, "abcdefghijklmnopqrstuvwxyz", 4 + random() % 5));
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < count; ++i) {
    texts.push_back(words[random() % words.size()] + "." + words[random() % words.size()] + std::to_string(random() % 100) +
                    "@mail.com");
  }
  return texts;
}

const VectorLevel kLevels[] = {VectorLevel::kBaseline, VectorLevel::kAvx2, VectorLevel::kAvx512};

TEST_CASE("no items contain nothing, not even the empty needle", "[index][folded_text]") {
  for (const FoldedText& text : {FoldedText(), BuildFrom({})}) {
    CHECK(text.size() == 0);
    CHECK(text.block_count() == 0);
    CHECK(Find(text, "").empty());
    CHECK(Find(text, "abc").empty());
    CHECK(text.EstimateBlocks("abc") == 0);
  }
}

TEST_CASE("the empty needle matches every item without scanning", "[index][folded_text]") {
  for (const std::size_t count : {1, 63, 64, 65, 200}) {
    const std::vector<std::string> texts(count, "x");
    const FoldedText text = BuildFrom(texts);
    TextSearchStats stats;
    CHECK(Find(text, "", &stats) == FindSlowly(texts, ""));
    CHECK(stats.blocks_scanned == 0);
    CHECK(stats.blocks_total == text.block_count());
  }
}

TEST_CASE("a needle with a separator byte matches nothing", "[index][folded_text]") {
  const FoldedText text = BuildFrom({std::string("ab") + kValueSeparator + "cd", "ef"});
  CHECK(Find(text, std::string("b") + kValueSeparator + "c").empty());
  CHECK(Find(text, std::string(1, kItemSeparator)).empty());
  CHECK(Find(text, std::string(1, kValueSeparator)).empty());
  CHECK_FALSE(text.ItemContains(0, std::string(1, kValueSeparator)));
}

TEST_CASE("items come back byte for byte", "[index][folded_text]") {
  std::mt19937_64 random(2);
  std::vector<std::string> texts;
  for (int i = 0; i < 1'000; ++i)
    texts.push_back(RandomText(random, std::string_view("ab\0\xC3\xA4", 5), random() % (i % 50 == 0 ? 2'000 : 8)));
  const FoldedText text = BuildFrom(texts);
  REQUIRE(text.size() == texts.size());
  for (const VectorLevel level : kLevels) {
    const ScopedVectorLevel scope(level);
    for (std::uint32_t i = 0; i < texts.size(); ++i) {
      REQUIRE(text.Item(i) == texts[i]);
      REQUIRE(text.ItemContains(i, "ba") == (texts[i].find("ba") != std::string::npos));
    }
  }
}

TEST_CASE("ascending items compare with any text as their bytes do", "[index][folded_text]") {
  const auto seed = GENERATE(range(1u, 9u));
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  // Many texts are the beginnings of others, and all of a block may begin alike.
  const std::string_view alphabet = seed % 2 == 0 ? "ab" : std::string_view("\0ab\x7F\xC3\xA4\xF4z", 8);
  std::set<std::string> distinct;
  while (distinct.size() < 300) distinct.insert(RandomText(random, alphabet, random() % (seed % 3 == 0 ? 200 : 12)));
  std::vector<std::string> texts(distinct.begin(), distinct.end());
  texts.resize(seed % 4 == 0 ? 256 : 200 + seed);  // The last block is full, or not.
  const FoldedText text = BuildFrom(texts);
  std::vector<std::string> others = texts;
  for (int i = 0; i < 300; ++i) others.push_back(RandomText(random, alphabet, random() % 14));
  others.push_back(texts.back() + "b");
  for (const std::string& other : others) {
    for (std::uint32_t item = 0; item < texts.size(); ++item) {
      const bool is_right = text.CompareAscending(item, other) == (std::string_view(texts[item]) <=> std::string_view(other));
      if (!is_right) FAIL_CHECK("item " << item << " '" << texts[item] << "' beside '" << other << "'");
    }
  }
}

TEST_CASE("a rare needle is found through the signature, reading few blocks", "[index][folded_text]") {
  const std::vector<std::string> texts = AddressLikeTexts(5, 200'000);
  const FoldedText text = BuildFrom(texts);
  TextSearchStats stats;
  CHECK(Find(text, texts[123'456], &stats) == FindSlowly(texts, texts[123'456]));
  CHECK(stats.used_signature);
  CHECK(stats.blocks_total == text.block_count());
  CHECK(stats.blocks_scanned < 20);
  CHECK(stats.bytes_scanned > 0);
  CHECK(text.EstimateBlocks(texts[123'456]) < 60);
  CHECK(text.signature_bytes() > 0);
  CHECK(text.signature_bytes() < text.text_bytes() / 2);

  CHECK(Find(text, "zzqzzq", &stats).empty());
  CHECK(stats.used_signature);
}

TEST_CASE("needles below a gram and needles of nearly all blocks scan everything", "[index][folded_text]") {
  const std::vector<std::string> texts = AddressLikeTexts(6, 100'000);
  const FoldedText text = BuildFrom(texts);
  for (const std::string_view needle : {"z", "qz", "mail", "@mail.com"}) {
    CAPTURE(needle);
    TextSearchStats stats;
    CHECK(Find(text, needle, &stats) == FindSlowly(texts, needle));
    CHECK_FALSE(stats.used_signature);
    CHECK(stats.blocks_scanned == text.block_count());
    CHECK(text.EstimateBlocks(needle) == text.block_count());
  }
}

TEST_CASE("few items are scanned without a signature", "[index][folded_text]") {
  const std::vector<std::string> texts = AddressLikeTexts(7, 1'000);
  const FoldedText text = BuildFrom(texts);
  TextSearchStats stats;
  CHECK(Find(text, texts[77], &stats) == FindSlowly(texts, texts[77]));
  CHECK_FALSE(stats.used_signature);
}

TEST_CASE("a search split at any blocks finds the same", "[index][folded_text]") {
  const std::vector<std::string> texts = AddressLikeTexts(8, 150'000);
  const FoldedText text = BuildFrom(texts);
  std::mt19937_64 random(8);
  for (const std::string& needle : {texts[149'999].substr(2, 7), texts[0].substr(0, 5), std::string("an"), std::string("")}) {
    CAPTURE(needle);
    const Masks all = FindSlowly(texts, needle);
    Masks joined;
    for (std::uint32_t first = 0; first < text.block_count();) {
      const auto last = static_cast<std::uint32_t>(std::min<std::uint64_t>(text.block_count(), first + random() % 700));
      TextSearchStats stats;
      joined.merge(Find(text, needle, first, last, &stats));
      CHECK(stats.blocks_total == last - first);
      CHECK(stats.blocks_scanned <= stats.blocks_total);
      first = last;
    }
    CHECK(joined == all);
  }
}

TEST_CASE("a large text's windows join without gaps", "[index][folded_text]") {
  std::vector<std::string> texts(64 * 70'000 + 3);  // More than two windows of blocks.
  std::mt19937_64 random(10);
  for (std::size_t i = 0; i < texts.size(); ++i) texts[i] = std::to_string(random() % 1'000'000);
  const std::size_t marked[] = {0, 64 * 32'768 - 1, 64 * 32'768, 64 * 65'536 - 1, 64 * 65'536, texts.size() - 1};
  for (const std::size_t i : marked) texts[i] = "wanted";
  const FoldedText text = BuildFrom(texts);
  TextSearchStats stats;
  CHECK(Find(text, "wanted", &stats) == FindSlowly(texts, "wanted"));
  CHECK(stats.used_signature);
  CHECK(stats.blocks_scanned < 1'000);
  CHECK(Find(text, "34567", &stats) == FindSlowly(texts, "34567"));
}

TEST_CASE("random texts are searched as std::string::find does, at every vector level", "[index][folded_text]") {
  const auto seed = GENERATE(range(1u, 31u));
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  const std::string_view alphabets[] = {"ab", "abcdefghijklmnopqrstuvwxyz0123456789", "\xC3\xA4\xC3\xB6xyz",
                                        std::string_view("\0ab", 3), "abcdefgh"};
  const std::string_view alphabet = alphabets[seed % 5];
  const std::size_t count = 1 + random() % (seed % 3 == 0 ? 20'000 : 7'000);
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < count; ++i) {
    std::string text;
    switch (random() % 8) {
      case 0: break;
      case 1: text = texts.empty() ? "" : texts[random() % texts.size()]; break;
      case 2:
        text = RandomText(random, alphabet, random() % 40) + kValueSeparator + RandomText(random, alphabet, random() % 9);
        break;
      case 3: text = RandomText(random, alphabet, random() % (random() % 200 == 0 ? 5'000 : 100)); break;
      default: text = RandomText(random, alphabet, random() % 20);
    }
    texts.push_back(text);
  }
  if (seed % 4 == 0) std::sort(texts.begin(), texts.end());
  const FoldedText text = BuildFrom(texts);
  for (int n = 0; n < 40; ++n) {
    std::string needle = RandomText(random, alphabet, 1 + random() % 8);
    if (n % 2 == 0) {
      const std::string& item = texts[random() % texts.size()];
      const std::size_t begin = item.empty() ? 0 : random() % item.size();
      needle = item.substr(begin, random() % 40);
    }
    if (needle.find(kValueSeparator) != std::string::npos) continue;
    CAPTURE(needle);
    const Masks expected = FindSlowly(texts, needle);
    for (const VectorLevel level : kLevels) {
      const ScopedVectorLevel scope(level);
      REQUIRE(Find(text, needle) == expected);
    }
  }
}

}  // namespace
}  // namespace clientele
