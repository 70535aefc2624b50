// Writes as values: what a caller wants changed, and what became of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/record_reader.h"

namespace clientele {

// The version of a client's record: a hash (XXH3, 64 bits) of its JSON, so that it changes when the record does and a record that
// is the same again has the same version again.
using RecordVersion = std::uint64_t;
RecordVersion VersionOf(std::string_view json);

enum class WriteKind : std::uint8_t {
  kCreate,  // A new client: refused when there is one with its id.
  kPut,     // The record replaces the client with its id, or is a new one.
  kPatch,   // A merge patch (RFC 7396) of a client that is there; its id cannot be changed.
  kDelete,  // Soft: the client stays, with `deleted` true.
  kPurge,   // For good.
};

// What must hold of the client before the write, else it is refused.
struct Precondition {
  enum class Kind : std::uint8_t {
    kNone,
    kPresent,    // There is one (If-Match: *).
    kAbsent,     // There is none (If-None-Match: *).
    kVersionIn,  // There is one, and its version is one of these (If-Match).
  };
  Kind kind = Kind::kNone;
  std::vector<RecordVersion> versions;
  bool operator==(const Precondition&) const = default;
};

struct Write {
  WriteKind kind = WriteKind::kPut;
  std::optional<std::int64_t> id;  // Required but for kCreate and kPut, where it must be the record's own if it is given.
  std::string json;                // The record or the patch; empty for deletions.
  Precondition precondition = {};
};

struct WriteResult {
  enum class Code : std::uint8_t {
    kCreated,
    kReplaced,
    kPatched,
    kDeleted,
    kPurged,
    // Refused:
    kInvalid,             // See `problem`.
    kExists,              // kCreate, and there is a client with this id.
    kMissing,             // There is no client with this id.
    kPreconditionFailed,  //
    kNotTried,            // Of an atomic batch of which another write was refused.
  };
  Code code = Code::kNotTried;
  std::int64_t id = 0;        // 0 when it is not known.
  RecordVersion version = 0;  // Of the record as it is now; 0 when there is none, or it was not asked for.
  std::string json = {};      // The record as it is now, when it was asked for.
  RecordProblem problem = {};
};
inline bool IsRefused(WriteResult::Code code) {
  return code >= WriteResult::Code::kInvalid;
}

// A request that is answered with the reply of an earlier one with the same key, if there was one in the last 24 hours.
struct IdempotencyKey {
  std::string key;          // With whatever tells callers apart.
  std::string fingerprint;  // Of the whole request: another one under the same key is refused.
};

// Writes that are carried out in order, each as if it were alone, unless `atomic`.
struct WriteBatch {
  std::vector<Write> writes;
  bool atomic = false;        // All, and visible at once; or none.
  bool dry_run = false;       // Everything is checked, nothing is written.
  bool want_versions = true;  // Results hold the record's version; long batches are quicker without.
  bool want_records = false;  // Results hold the record's JSON, and its version.
  std::optional<IdempotencyKey> idempotency = {};
};

struct WriteReply {
  std::vector<WriteResult> results;  // One for each write of the batch.
  bool is_repeated = false;          // The reply of an earlier request with the same key; nothing was written by this one.
};

}  // namespace clientele
