#include "engine/write_ahead_check.h"

#include <cstdint>
#include <cstring>
#include <fstream>
#include <vector>

#include <absl/strings/str_cat.h>

namespace clientele {
namespace {

constexpr std::size_t kHeaderBytes = 32, kFrameHeaderBytes = 24, kChecksummedFrameHeaderBytes = 8;
// The last bit says in which byte order the words are that are summed up.
constexpr std::uint32_t kMagic = 0x377f0682;
constexpr std::uint32_t kPageBytesMin = 512, kPageBytesMax = 65'536;

// All numbers of the format are in big-endian order.
std::uint32_t Number(const char* bytes) {
  std::uint32_t number = 0;
  std::memcpy(&number, bytes, sizeof number);
  return __builtin_bswap32(number);
}

struct Checksum {
  std::uint32_t first = 0, second = 0;
  bool operator==(const Checksum&) const = default;

  // `size` is a multiple of 8.
  void Add(const char* bytes, std::size_t size, bool is_big_endian) {
    for (std::size_t at = 0; at < size; at += 8) {
      std::uint32_t words[2];
      std::memcpy(words, bytes + at, sizeof words);
      if (is_big_endian) words[0] = __builtin_bswap32(words[0]), words[1] = __builtin_bswap32(words[1]);
      first += words[0] + second;
      second += words[1] + first;
    }
  }
};

}  // namespace

absl::Status CheckWriteAheadLog(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  char header[kHeaderBytes];
  if (!file.read(header, kHeaderBytes)) return absl::OkStatus();
  const std::uint32_t magic = Number(header), page_bytes = Number(header + 8);
  const bool is_big_endian = (magic & 1) != 0;
  Checksum sum;
  sum.Add(header, kHeaderBytes - 8, is_big_endian);
  const bool is_header_good = (magic & ~1u) == kMagic && page_bytes >= kPageBytesMin && page_bytes <= kPageBytesMax &&
                              sum == Checksum{Number(header + 24), Number(header + 28)};
  if (!is_header_good) return absl::OkStatus();

  std::vector<char> frame(kFrameHeaderBytes + page_bytes);
  std::uint64_t number = 0, bad_frame = 0;
  bool has_later_commit = false;
  while (file.read(frame.data(), static_cast<std::streamsize>(frame.size()))) {
    ++number;
    const bool is_of_this_log = std::memcmp(frame.data() + 8, header + 16, 8) == 0;
    if (bad_frame == 0) {
      sum.Add(frame.data(), kChecksummedFrameHeaderBytes, is_big_endian);
      sum.Add(frame.data() + kFrameHeaderBytes, page_bytes, is_big_endian);
      if (is_of_this_log && sum == Checksum{Number(frame.data() + 16), Number(frame.data() + 20)}) continue;
      bad_frame = number;
    }
    if (!is_of_this_log) continue;
    if (has_later_commit) {
      return absl::DataLossError(
          absl::StrCat(path, ": frame ", bad_frame, " of ", page_bytes, " bytes is damaged, and synced transactions follow it"));
    }
    has_later_commit = Number(frame.data() + 4) != 0;
  }
  return absl::OkStatus();
}

}  // namespace clientele
