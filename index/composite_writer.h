// Writes the composite fields of encoded records as JSON: the reading side of index/composite_encoder.h.
#pragma once

#include <cstdint>

#include "index/json_sink.h"
#include "index/record_dictionaries.h"
#include "index/text_writer.h"

namespace clientele {

// What a user's members may be equal to: the client's own fields. Texts as encoded, null when the client has none.
struct OwnFields {
  std::int64_t id = 0, reseller = 0;
  const std::uint8_t* email = nullptr;
  const std::uint8_t* phone = nullptr;
  const std::uint8_t* name = nullptr;
  const std::uint8_t* company = nullptr;
};

// Writes the composites of one record.
class CompositeWriter {
 public:
  CompositeWriter(const RecordDictionaries& dictionaries, const std::uint8_t* record_end, TextWriter& texts, JsonSink& sink)
      : dictionaries_(dictionaries), record_end_(record_end), texts_(texts), sink_(sink) {}

  // These write a payload of at least one byte, [at, end), and leave kRoom - 384 bytes of room.
  char* WriteUsers(const OwnFields& own, const std::uint8_t* at, const std::uint8_t* end, char* out);
  char* WriteFeatures(bool paid, const std::uint8_t* at, const std::uint8_t* end, char* out);
  char* WriteTexts(const Interner& texts, const std::uint8_t* at, const std::uint8_t* end, char* out);
  char* WriteServiceSet(const std::uint8_t* at, const std::uint8_t* end, char* out);
  char* WriteServiceStates(const std::uint8_t* at, const std::uint8_t* end, char* out);
  char* WriteServiceFlags(const std::uint8_t* at, const std::uint8_t* end, char* out);

 private:
  char* WriteUser(const OwnFields& own, std::int64_t id, std::uint32_t flags, const std::uint8_t*& at, char* out);
  char* WriteTail(std::uint32_t tail, const std::uint8_t*& at, char* out);
  char* WriteFeatureStart(const std::uint8_t*& at, char* out);

  const RecordDictionaries& dictionaries_;
  const std::uint8_t* const record_end_;
  TextWriter& texts_;
  JsonSink& sink_;
};

}  // namespace clientele
