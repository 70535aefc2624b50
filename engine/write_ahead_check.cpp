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

// The frames of a log, one after the other.
class Frames {
 public:
  explicit Frames(const std::string& path) : file_(path, std::ios::binary) {
    if (!file_.read(header_, kHeaderBytes)) return;
    const std::uint32_t magic = Number(header_), page_bytes = Number(header_ + 8);
    is_big_endian_ = (magic & 1) != 0;
    Checksum sum;
    sum.Add(header_, kHeaderBytes - 8, is_big_endian_);
    seed_ = {Number(header_ + 24), Number(header_ + 28)};
    if ((magic & ~1u) != kMagic || page_bytes < kPageBytesMin || page_bytes > kPageBytesMax || sum != seed_) return;
    frame_.resize(kFrameHeaderBytes + page_bytes);
  }

  // False for a log without frames, too.
  bool Next() {
    if (frame_.empty() || !file_.read(frame_.data(), static_cast<std::streamsize>(frame_.size()))) return false;
    ++number_;
    return true;
  }

  // Goes on behind frame `number`; false when there is none.
  bool SkipTo(std::uint64_t number) {
    if (number == 0) return true;
    if (frame_.empty() || !file_.seekg(static_cast<std::streamoff>(kHeaderBytes + (number - 1) * frame_.size()))) return false;
    number_ = number - 1;
    return Next();
  }

  bool has_header() const { return !frame_.empty(); }
  bool failed() const { return file_.bad(); }
  std::uint64_t salt() const { return (std::uint64_t{Number(header_ + 16)} << 32) | Number(header_ + 20); }
  std::uint32_t page_bytes() const { return static_cast<std::uint32_t>(frame_.size() - kFrameHeaderBytes); }

  // Of the frame that was read last.
  std::uint64_t number() const { return number_; }
  bool is_of_this_log() const { return std::memcmp(frame_.data() + 8, header_ + 16, 8) == 0; }
  bool is_commit() const { return Number(frame_.data() + 4) != 0; }
  Checksum stored() const { return number_ == 0 ? seed_ : Checksum{Number(frame_.data() + 16), Number(frame_.data() + 20)}; }
  // Over all frames up to this one, given that of those before it.
  Checksum After(Checksum sum) const {
    sum.Add(frame_.data(), kChecksummedFrameHeaderBytes, is_big_endian_);
    sum.Add(frame_.data() + kFrameHeaderBytes, page_bytes(), is_big_endian_);
    return sum;
  }

 private:
  std::ifstream file_;
  char header_[kHeaderBytes] = {};
  bool is_big_endian_ = false;
  Checksum seed_;
  std::vector<char> frame_;  // Empty for a log that has no good header.
  std::uint64_t number_ = 0;
};

}  // namespace

absl::Status CheckWriteAheadLog(const std::string& path) {
  Frames frames(path);
  Checksum sum = frames.stored();
  std::uint64_t bad_frame = 0;
  // Of the frame before, behind the bad one: what a frame that was written after it begins from. A refused transaction may have
  // left a whole end of its own there, but nothing follows that one.
  bool is_after_commit = false;
  Checksum before[2];
  while (frames.Next()) {
    const Checksum after = frames.After(sum);
    const bool is_good = frames.is_of_this_log() && after == frames.stored();
    if (bad_frame == 0 && is_good) {
      sum = after;
      continue;
    }
    if (bad_frame != 0 && is_after_commit && frames.is_of_this_log() &&
        (frames.After(before[0]) == frames.stored() || frames.After(before[1]) == frames.stored())) {
      return absl::DataLossError(absl::StrCat(path, ": frame ", bad_frame, " of ", frames.page_bytes(),
                                              " bytes is damaged, and synced transactions follow it"));
    }
    is_after_commit = frames.is_of_this_log() && frames.is_commit();
    // Of the bad one, either the checksum is right or what it is of.
    before[0] = frames.stored();
    before[1] = bad_frame == 0 ? after : before[0];
    if (bad_frame == 0) bad_frame = frames.number();
  }
  return absl::OkStatus();
}

absl::StatusOr<WriteAheadEnd> FindWriteAheadEnd(const std::string& path, const WriteAheadEnd& known) {
  Frames frames(path);
  if (!frames.has_header()) return WriteAheadEnd{};
  WriteAheadEnd end{.salt = frames.salt(), .frames = 0};
  if (known.salt == end.salt && frames.SkipTo(known.frames)) end.frames = known.frames;
  Checksum sum = frames.stored();
  while (frames.Next() && frames.is_of_this_log()) {
    sum = frames.After(sum);
    if (sum != frames.stored()) break;
    if (frames.is_commit()) end.frames = frames.number();
  }
  if (frames.failed()) return absl::InternalError(absl::StrCat(path, ": reading failed"));
  return end;
}

}  // namespace clientele
