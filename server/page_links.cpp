#include "server/page_links.h"

#include <absl/strings/str_cat.h>

namespace clientele {
namespace {

// What stands for itself: the unreserved characters, and those that lists, dates and addresses are full of and that neither
// RFC 3986 (query) nor form decoding gives a meaning.
bool StandsForItself(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-._~*,:@/").find(c) != std::string_view::npos;
}

void AppendEncoded(std::string_view text, std::string& out) {
  constexpr char kHex[] = "0123456789ABCDEF";
  for (const char c : text) {
    if (StandsForItself(c)) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
  }
}

}  // namespace

void AppendPageLink(std::string_view path, std::span<const Parameter> parameters, std::uint64_t offset, std::string& out) {
  out += path;
  char separator = '?';
  bool offset_due = offset > 0;
  const auto append_name = [&](std::string_view name) {
    out += separator;
    AppendEncoded(name, out);
    out += '=';
    separator = '&';
  };
  const auto append_offset = [&] {
    if (!offset_due) return;
    append_name("offset");
    absl::StrAppend(&out, offset);
    offset_due = false;
  };
  for (const auto& [name, value] : parameters) {
    if (name == "offset") {
      append_offset();
    } else {
      append_name(name);
      AppendEncoded(value, out);
    }
  }
  append_offset();
}

void AppendLinkMembers(std::string_view path, std::span<const Parameter> parameters, std::uint64_t count, std::uint64_t offset,
                       std::uint64_t limit, std::string& out) {
  // Compared without sums: offset + limit may pass 2^64.
  const bool has_next = limit > 0 && offset < count && limit < count - offset;
  const bool has_previous = limit > 0 && offset > 0;
  out += "\"next\":";
  if (has_next) {
    out += '"';
    AppendPageLink(path, parameters, offset + limit, out);
    out += '"';
  } else {
    out += "null";
  }
  out += ",\"previous\":";
  if (has_previous) {
    out += '"';
    AppendPageLink(path, parameters, offset > limit ? offset - limit : 0, out);
    out += '"';
  } else {
    out += "null";
  }
}

}  // namespace clientele
