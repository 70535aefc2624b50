// A reply as bytes, for the store to remember it under an idempotency key.
#pragma once

#include <string>
#include <string_view>

#include <absl/status/statusor.h>

#include "engine/write.h"

namespace clientele {

std::string ReplyBytes(const WriteReply& reply);

// DataLoss when these are not the bytes of a reply.
absl::StatusOr<WriteReply> ReplyOf(std::string_view bytes);

}  // namespace clientele
