// What the write endpoints ask of the engine. A seam for tests, as list_service.h.
#pragma once

#include <absl/functional/any_invocable.h>
#include <absl/status/statusor.h>

#include "engine/write.h"

namespace clientele {

// Thread-safe.
class WriteService {
 public:
  virtual ~WriteService() = default;

  // Parses and checks on the calling thread (some microseconds a write: not for event loops when the batch is long), then
  // returns; `done` is called once, from another thread or from this one, and must not block. When it is told OK, what was not
  // refused is durable, and is seen by every query and look-up that begins from then on. Errors mean that nothing was written:
  //   ResourceExhausted: the disk is full (507); Unavailable: too many writes are waiting (503);
  //   FailedPrecondition: the idempotency key was used by another request (422), Aborted: or by one that is under way (409);
  //   InvalidArgument: a batch that is too long to be atomic (413); any other: no more writes until a restart (500).
  using Done = absl::AnyInvocable<void(absl::StatusOr<WriteReply>)>;
  virtual void Submit(WriteBatch batch, Done done) = 0;
};

}  // namespace clientele
