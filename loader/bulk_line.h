// One line of a bulk request as a write:
//
//   {"id": 7, ...}                       a record: replaces the client with its id, or is a new one
//   {"_patch": {...}, "id": 7}           a merge patch (RFC 7396) of client 7
//   {"_delete": 7}                       client 7 is marked as deleted
//   {"_purge": 7}                        client 7 is removed for good
//
// A line that has a member `_patch`, `_delete` or `_purge`, spelt so, at its top must have nothing else but what stands here.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "engine/write.h"

namespace clientele {

// One per thread. Not thread-safe.
class BulkLineReader {
 public:
  BulkLineReader();
  ~BulkLineReader();

  // Records are not looked into: that is left to who carries out the write. False: `problem` says what is wrong with a line that
  // is no record. O(bytes), at memory speed for records.
  bool Read(std::string_view line, Write& write, RecordProblem& problem);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace clientele
