// Entity-tags (RFC 9110, 8.8.3) of clients: the record's version as 16 hex digits in quotes, a strong validator.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/write.h"

namespace clientele {

std::string EntityTag(RecordVersion version);

// What If-Match or If-None-Match says. Tags that are none of ours match nothing and are left out.
struct EntityTags {
  bool any = false;                   // "*"
  std::vector<RecordVersion> strong;  // Given as "..."
  std::vector<RecordVersion> weak;    // Given as W/"...": counts for If-None-Match only.
  bool operator==(const EntityTags&) const = default;
};

// nullopt: neither "*" nor a list of entity-tags. O(bytes).
std::optional<EntityTags> ParseEntityTags(std::string_view field);

}  // namespace clientele
