#include "index/snapshot_manifest.h"

#include <optional>

#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>
#include <xxhash.h>

#include "index/absl_view.h"

namespace clientele {
namespace {

constexpr std::string_view kFirstWords = "clientele manifest ";
constexpr std::string_view kNamePrefix = "segment-", kNameEnding = ".clientele";
constexpr std::size_t kNumberDigitsMax = 12;

std::string Hex(std::uint64_t number) {
  return absl::StrCat(absl::Hex(number, absl::kZeroPad16));
}

std::optional<std::uint64_t> ParseHex(absl::string_view text) {
  std::uint64_t number = 0;
  if (text.size() != 16 || !absl::SimpleHexAtoi(text, &number)) return std::nullopt;
  // One spelling only: what is written again must be the same.
  return Hex(number) == text ? std::optional(number) : std::nullopt;
}

std::optional<SegmentFile> ParseSegment(absl::string_view line) {
  const std::vector<absl::string_view> words = absl::StrSplit(line, ' ');
  if (words.size() != 8 || words[0] != "segment" || words[2] != "rows" || words[4] != "bytes" || words[6] != "checksum")
    return std::nullopt;
  SegmentFile segment{.name = std::string(words[1]), .rows = 0, .bytes = 0, .checksum = {}};
  if (SegmentFileNumber(segment.name) == 0 || !absl::SimpleAtoi(words[3], &segment.rows) ||
      !absl::SimpleAtoi(words[5], &segment.bytes) || words[7].size() != 32)
    return std::nullopt;
  const auto high = ParseHex(words[7].substr(0, 16)), low = ParseHex(words[7].substr(16));
  if (!high || !low) return std::nullopt;
  segment.checksum = {*low, *high};
  return segment;
}

}  // namespace

std::string SegmentFileName(std::uint64_t number) {
  const std::string digits = absl::StrCat(number);
  return absl::StrCat(AbslView(kNamePrefix), std::string(digits.size() < 4 ? 4 - digits.size() : 0, '0'), digits,
                      AbslView(kNameEnding));
}

std::uint64_t SegmentFileNumber(std::string_view name) {
  if (!name.starts_with(kNamePrefix) || !name.ends_with(kNameEnding) || name.size() <= kNamePrefix.size() + kNameEnding.size())
    return 0;
  const std::string_view digits = name.substr(kNamePrefix.size(), name.size() - kNamePrefix.size() - kNameEnding.size());
  std::uint64_t number = 0;
  if (digits.size() > kNumberDigitsMax || digits.find_first_not_of("0123456789") != digits.npos ||
      !absl::SimpleAtoi(AbslView(digits), &number))
    return 0;
  return SegmentFileName(number) == name ? number : 0;
}

std::string FormatManifest(const Manifest& manifest) {
  std::string text = absl::StrCat(AbslView(kFirstWords), kManifestVersion, "\n");
  for (const SegmentFile& segment : manifest.segments) {
    absl::StrAppend(&text, "segment ", segment.name, " rows ", segment.rows, " bytes ", segment.bytes, " checksum ",
                    Hex(segment.checksum.high), Hex(segment.checksum.low), "\n");
  }
  absl::StrAppend(&text, "end ", Hex(XXH3_64bits(text.data(), text.size())), "\n");
  return text;
}

absl::StatusOr<Manifest> ParseManifest(std::string_view text, std::string_view path) {
  const auto foreign = [&](std::string_view what) {
    return absl::FailedPreconditionError(absl::StrCat(AbslView(path), ": ", AbslView(what)));
  };
  if (!text.starts_with(kFirstWords)) return foreign("expected a manifest, which begins with 'clientele manifest'");
  const std::vector<absl::string_view> lines = absl::StrSplit(AbslView(text), '\n');
  int version = 0;
  if (!absl::SimpleAtoi(lines[0].substr(kFirstWords.size()), &version) || version != kManifestVersion) {
    return foreign(absl::StrCat("manifest version ", lines[0].substr(kFirstWords.size(), 20), "; this program reads version ",
                                kManifestVersion));
  }
  Manifest manifest;
  for (std::size_t line = 1; line + 2 < lines.size(); ++line) {
    const auto segment = ParseSegment(lines[line]);
    if (!segment)
      return absl::DataLossError(
          absl::StrCat(AbslView(path), ": line ", line + 1, ": expected a segment, got '", lines[line].substr(0, 60), "'"));
    manifest.segments.push_back(*segment);
  }
  // All that is not in a segment's line, spelling and checksum above all, is compared at once.
  if (FormatManifest(manifest) != text)
    return absl::DataLossError(absl::StrCat(AbslView(path), ": it does not match its checksum"));
  if (manifest.segments.size() != 1) return foreign(absl::StrCat("expected one segment, got ", manifest.segments.size()));
  return manifest;
}

}  // namespace clientele
