// The compact row encoding of whole client records, and the JSON written from it. Encoding loses nothing: every record's JSON
// comes back value for value (numbers as they were spelt, unknown members verbatim, absent optional members absent), in the
// contract's field order, compact. Texts are kept JSON-escaped, so rendering copies them.
//
// Repeating texts (domains, languages, feature names, ...) become codes of shared dictionaries (index/interner.h), so encoded
// bytes mean something only together with the RecordDictionaries that they were made with.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "index/client_record.h"

namespace clientele {

// The dictionaries that all records of a store share. Encoders add to them concurrently; renderers read meanwhile.
class RecordDictionaries;

// Deleter etc. live in the .cpp; create with this.
std::shared_ptr<RecordDictionaries> NewRecordDictionaries();
std::uint64_t MemoryBytes(const RecordDictionaries& dictionaries);

// Encodes records; one per thread (it caches dictionary codes), many on the same dictionaries.
class RecordEncoder {
 public:
  explicit RecordEncoder(std::shared_ptr<RecordDictionaries> dictionaries);
  ~RecordEncoder();
  RecordEncoder(const RecordEncoder&) = delete;
  RecordEncoder& operator=(const RecordEncoder&) = delete;

  // Appends the encoded record to `out`; its length is the growth. Never fails on a record that the parser accepted.
  void Append(const ClientRecord& record, std::string& out);

  // The same in three steps, for callers that have something else to do between them: what the record's texts are looked up in is
  // further away than the caches that a core has for itself. Begin() starts fetching where they are noted, Look() the texts that
  // stand there, and Finish() encodes the record, which must still be as it was. The bytes are valid until the next Begin().
  void Begin(const ClientRecord& record);
  void Look();
  std::string_view Finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Appends the record's JSON object to `out`: the fields of `fields` (bit i: Fields()[i]) in schema order, and, when every bit
// is set, the unknown members after them. `record` starts at an encoded record; the encoding knows its own end.
// Cost: about the time of copying the JSON. Thread-safe.
void RenderRecord(const RecordDictionaries& dictionaries, const std::uint8_t* record, std::uint64_t fields, std::string& out);

// Length in bytes of the encoded record at `record`.
std::size_t EncodedLength(const std::uint8_t* record);

// The unescaped text of one top-level kText field; false when it is null. For verifying hash lookups. Thread-safe.
bool ReadText(const RecordDictionaries& dictionaries, const std::uint8_t* record, Field field, std::string& out);

}  // namespace clientele
