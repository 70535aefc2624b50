// One record, patch or deletion on its way from a complete request to the service.
#pragma once

#include <memory>
#include <string>

#include <absl/functional/any_invocable.h>

#include "server/write_reply.h"
#include "server/write_request.h"
#include "server/write_service.h"

namespace clientele {

struct WriteJob {
  WriteRequest request;
  std::string body;  // As it was sent.
  std::shared_ptr<WriteService> service;
  std::uint64_t max_record_bytes = 0;
};

// Decodes the body and submits the write; `done` is called once, from this thread or another. O(bytes of the content).
void RunWriteJob(WriteJob job, absl::AnyInvocable<void(WriteOutcome)> done);

}  // namespace clientele
