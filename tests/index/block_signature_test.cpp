#include "index/block_signature.h"

#include <bit>
#include <random>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "index/text_search.h"
#include "index/vector_level.h"

namespace clientele {
namespace {

// Blocks of one item each time, as the signature does not care how many items a block has.
struct Blocks {
  std::vector<std::string> texts;
  std::string bytes;
  std::vector<std::uint64_t> starts{0};
  BlockSignature signature;

  explicit Blocks(std::vector<std::string> blocks) : texts(std::move(blocks)) {
    for (const std::string& text : texts) {
      bytes += text + kItemSeparator;
      starts.push_back(bytes.size());
    }
    const std::size_t size = bytes.size();
    bytes.append(kSearchPaddingBytes, kItemSeparator);
    signature = BlockSignature::Build({bytes.data(), size}, starts);
  }

  // Number of blocks that may contain the needle; fails when one that does contain it is ruled out.
  std::uint64_t Candidates(std::string_view needle) const {
    const BlockSignature::Planes planes = signature.PlanesFor(needle);
    if (planes.size == 0) return texts.size();
    std::vector<std::uint64_t> words(signature.word_count());
    const std::uint64_t left = signature.Narrow(planes, 0, words);
    std::uint64_t set = 0;
    for (const std::uint64_t word : words) set += static_cast<std::uint64_t>(std::popcount(word));
    CHECK(set == left);
    for (std::size_t block = 0; block < words.size() * 64; ++block) {
      const bool candidate = (words[block / 64] >> (block % 64)) & 1;
      if (block >= texts.size())
        REQUIRE_FALSE(candidate);
      else if (texts[block].find(needle) != std::string::npos)
        REQUIRE(candidate);
    }
    return left;
  }
};

std::string RandomText(std::mt19937_64& random, std::string_view alphabet, std::size_t length) {
  std::string text(length, '\0');
  for (char& c : text) c = alphabet[random() % alphabet.size()];
  return text;
}

std::vector<std::string> RandomBlocks(std::uint64_t seed, std::size_t count, std::size_t length) {
  std::mt19937_64 random(seed);
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < count; ++i) {
    // Each piece twice, as real texts repeat themselves too: else the cap on the signature's size would decide.
    const std::string text = RandomText(random, "abcdefghijklmnopqrstuvwxyz", 100 + random() % length);
    texts.push_back(text + text + " everywhere");
  }
  return texts;
}

TEST_CASE("the signature rules out most blocks and never one with the needle", "[index][block_signature]") {
  for (const std::size_t count : {64, 511, 512, 513, 3'000}) {
    const Blocks blocks(RandomBlocks(count, count, 1'000));
    REQUIRE(blocks.signature.plane_count() > 0);
    for (const VectorLevel level : {VectorLevel::kBaseline, VectorLevel::kAvx2}) {
      const ScopedVectorLevel scope(level);
      std::mt19937_64 random(count);
      for (int n = 0; n < 50; ++n) {
        const std::string& text = blocks.texts[random() % count];
        const std::size_t length = 5 + random() % 20;
        CHECK(blocks.Candidates(text.substr(random() % (text.size() - length - 11), length)) <= count / 10 + 8);
        blocks.Candidates(text.substr(0, 3));
        blocks.Candidates(text);
      }
    }
  }
}

TEST_CASE("a few tiles tell at once which needles no block has", "[index][block_signature]") {
  const std::uint32_t count = GENERATE(300u, 900u);
  const Blocks blocks(RandomBlocks(3, count, 400)), more(RandomBlocks(4, 4'100, 40));
  REQUIRE(blocks.signature.word_count() == (count == 300 ? 8 : 16));
  std::mt19937_64 random(5);
  int ruled_out = 0;
  for (int i = 0; i < 400; ++i) {
    const std::string& text = blocks.texts[random() % blocks.texts.size()];
    CHECK(blocks.signature.MayContain(std::string_view(text).substr(random() % 150, 1 + random() % 90)));
    ruled_out += !blocks.signature.MayContain(RandomText(random, "abcdefghijklmnopqrstuvwxyz", 12));
  }
  CHECK(ruled_out > (count == 300 ? 300 : 200));
  CHECK(more.signature.MayContain(RandomText(random, "0123456789", 12)));  // Of many tiles it says nothing.
  CHECK(BlockSignature().MayContain("anything"));
}

TEST_CASE("about a third of the signature's bits is set", "[index][block_signature]") {
  const Blocks blocks(RandomBlocks(1, 2'000, 1'000));
  std::uint64_t set = 0;
  for (std::uint32_t plane = 0; plane < blocks.signature.plane_count(); ++plane) set += blocks.signature.BlocksOf(plane);
  const double filled = static_cast<double>(set) / blocks.signature.plane_count() / 2'000;
  CHECK(filled > 0.2);
  CHECK(filled < 0.45);
}

TEST_CASE("grams of most blocks have no plane", "[index][block_signature]") {
  const Blocks blocks(RandomBlocks(2, 1'000, 300));
  CHECK(blocks.signature.PlanesFor("everywhere").size == 0);
  CHECK(blocks.signature.PlanesFor("everywherx").size > 0);
}

TEST_CASE("the rarest planes come first and none twice", "[index][block_signature]") {
  const Blocks blocks(RandomBlocks(3, 1'000, 300));
  const BlockSignature::Planes planes = blocks.signature.PlanesFor(blocks.texts[5].substr(0, 60));
  REQUIRE(planes.size == BlockSignature::Planes::kMax);
  for (std::size_t i = 1; i < planes.size; ++i) {
    CHECK(planes.numbers[i] != planes.numbers[i - 1]);
    CHECK(blocks.signature.BlocksOf(planes.numbers[i - 1]) <= blocks.signature.BlocksOf(planes.numbers[i]));
  }
}

TEST_CASE("needles below 3 bytes and very long ones are taken as they are", "[index][block_signature]") {
  const Blocks blocks(RandomBlocks(4, 1'000, 300));
  CHECK(blocks.signature.PlanesFor("").size == 0);
  CHECK(blocks.signature.PlanesFor("ab").size == 0);
  CHECK(blocks.signature.PlanesFor("abq").size == 1);
  CHECK(blocks.signature.PlanesFor(std::string(100'000, 'q')).size > 0);
}

TEST_CASE("where blocks cannot be told apart there is no signature", "[index][block_signature]") {
  CHECK(Blocks(RandomBlocks(5, 63, 300)).signature.plane_count() == 0);                               // Too few.
  CHECK(Blocks(std::vector<std::string>(1'000)).signature.plane_count() == 0);                        // Nothing in them.
  CHECK(Blocks(std::vector<std::string>(1'000, std::string(90, 'a'))).signature.plane_count() == 0);  // All alike.
  CHECK(BlockSignature().PlanesFor("abc").size == 0);
  CHECK(BlockSignature::Build({}, {}).plane_count() == 0);
}

TEST_CASE("grams do not reach across items and values", "[index][block_signature]") {
  std::vector<std::string> texts;
  for (int i = 0; i < 640; ++i)
    texts.push_back("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" + std::to_string(i));
  texts[7] += std::string("zq") + kValueSeparator + "qz";
  const Blocks blocks(std::move(texts));
  CHECK(blocks.Candidates("zqqz") == 0);
}

}  // namespace
}  // namespace clientele
