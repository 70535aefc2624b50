// Writes encoded records anew for other dictionaries. The way round is long and needs to know little of the encoding: each scalar
// is rendered and read back, composites become raw JSON, and the usual encoder does the rest. Such a record gives the same JSON
// byte for byte, but its composites take the room of their JSON, two to three times as much. For records of sets that did not
// grow up together, which is seldom.
#pragma once

#include <array>
#include <memory>
#include <string>

#include "index/client_record.h"
#include "index/record_codec.h"

namespace clientele {

// One thread.
class RecordTranscoder {
 public:
  explicit RecordTranscoder(std::shared_ptr<RecordDictionaries> to) : encoder_(std::move(to)) {}

  // Appends the record, which was encoded with `from`, as encoded with the dictionaries given before. O(JSON), some microseconds.
  void Append(const RecordDictionaries& from, const std::uint8_t* record, std::string& out);

 private:
  void ReadScalars(const RecordDictionaries& from, const std::uint8_t* record);
  void ReadComposites(const RecordDictionaries& from, const std::uint8_t* record);

  RecordEncoder encoder_;
  ClientRecord read_;
  std::array<std::string, kFieldCount> json_;  // What the views of `read_` point into.
  std::string unknown_members_;
};

}  // namespace clientele
