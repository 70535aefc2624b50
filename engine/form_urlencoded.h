// application/x-www-form-urlencoded decoding of one name or value: `+` is a blank, %XX a byte.
#pragma once

#include <string>
#include <string_view>

#include <absl/status/statusor.h>

namespace clientele {

// The decoded bytes of `text`. InvalidArgument, with a message that can be shown to the caller, when a `%` is not followed by two
// hexadecimal digits or the decoded bytes are not valid UTF-8. Bytes that should have been escaped are taken as they are.
// O(bytes).
absl::StatusOr<std::string> FormDecode(std::string_view text);

}  // namespace clientele
