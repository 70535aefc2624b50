// Parses the members of a record that are keyed by service or list services.
#pragma once

#include <string_view>
#include <vector>

#include "index/client_record.h"
#include "loader/json_cursor.h"

namespace clientele {

// The service that a raw key of NextMember names, exactly as in kServiceNames; a mistake at the member when there is none, or
// when `seen` (one bit a service) has it already.
bool ReadServiceKey(JsonCursor& cursor, std::string_view raw_key, std::uint32_t& seen, std::uint8_t& service);

// A string that names a service.
bool ReadServiceName(JsonCursor& cursor, std::uint8_t& service);

// Array of service names: `capabilities`.
bool ParseServiceSet(JsonCursor& cursor, std::vector<std::uint8_t>& services);

// Object service -> {status, enabled}: `serviceStatuses`. A status is needed and must be a known word; an `enabled` that is
// missing or null, or unknown members, make `exact` false.
bool ParseServiceStates(JsonCursor& cursor, std::vector<ServiceStateValue>& states, bool& exact);

// Object service -> boolean: `personal_product_availability`.
bool ParseServiceFlags(JsonCursor& cursor, std::vector<ServiceFlagValue>& flags);

}  // namespace clientele
