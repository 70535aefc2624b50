#include "index/row_bytes.h"

#include <vector>

#include <catch2/catch.hpp>

namespace clientele {
namespace {

TEST_CASE("a varint takes a byte for each seven bits, and nine for the largest", "[index][row_bytes]") {
  for (int bits = 0; bits <= 64; ++bits) {
    const std::uint64_t largest = bits == 0 ? 0 : ~std::uint64_t{0} >> (64 - bits);
    for (const std::uint64_t value : {largest, largest / 2 + 1, largest & 0x5555'5555'5555'5555}) {
      RowWriter out;
      out.PutVarint(value);
      if (value == largest) CHECK(out.size() == (bits > 56 ? 9u : std::max(1, (bits + 6) / 7)));
      CHECK(VarintLength(out.data()[0]) == out.size());
      // Memory of exactly its size: a reader must not look behind the end.
      const std::vector<std::uint8_t> exact(out.data(), out.data() + out.size());
      const std::uint8_t* at = exact.data();
      CHECK(ReadVarint(at, exact.data() + exact.size()) == value);
      CHECK(at == exact.data() + exact.size());
    }
  }
}

TEST_CASE("zigzag keeps integers near zero small, whatever their sign", "[index][row_bytes]") {
  CHECK(ZigZag(0) == 0);
  CHECK(ZigZag(-1) == 1);
  CHECK(ZigZag(1) == 2);
  for (const std::int64_t value : {std::int64_t{0}, std::int64_t{-5}, std::int64_t{77}, INT64_MAX, INT64_MIN}) {
    CHECK(UnZigZag(ZigZag(value)) == value);
  }
}

TEST_CASE("a length that is put in front later is the varint that would have been put there", "[index][row_bytes]") {
  for (const std::size_t length : {0, 1, 2, 100, 127, 128, 300, 16'383, 16'384, 70'000}) {
    CAPTURE(length);
    std::string text;
    for (std::size_t i = 0; i < length; ++i) text.push_back(static_cast<char>(i * 7));
    RowWriter expected, out;
    expected.PutText("before");
    expected.PutVarint(length);
    expected.PutText(text);
    out.PutText("before");
    const std::size_t begin = out.size();
    out.PutByte(0);
    out.PutText(text);
    out.InsertLength(begin);
    CHECK(out.text() == expected.text());
  }
}

TEST_CASE("RowWriter keeps what was put while it grows", "[index][row_bytes]") {
  RowWriter out;
  std::string expected;
  for (int i = 0; i < 3'000; ++i) {
    out.PutByte(static_cast<std::uint8_t>(i));
    out.PutFixed(0x030201, 3);
    out.PutText("text");
    expected += static_cast<char>(i);
    expected += "\x01\x02\x03text";
  }
  CHECK(out.text() == expected);
  out.Clear();
  CHECK(out.size() == 0);
}

}  // namespace
}  // namespace clientele
