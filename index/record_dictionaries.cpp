#include "index/record_dictionaries.h"

#include <algorithm>

#include "index/record_codec.h"
#include "index/record_format.h"

namespace clientele {

RecordDictionaries::RecordDictionaries(std::uint32_t capacity)
    : domains(capacity),
      prefixes(capacity),
      languages(std::min(capacity, kThreeByteCodes)),
      group_lists(std::min(capacity, kThreeByteCodes)),
      auth_lists(std::min(capacity, kThreeByteCodes)),
      user_tails(capacity),
      features(std::min(capacity, kFeatureCodes)) {
  for (const FieldDef& def : Fields()) {
    if (def.kind != FieldKind::kText && def.kind != FieldKind::kTextList && def.kind != FieldKind::kNumber) continue;
    texts_[static_cast<std::size_t>(def.field)] = std::make_unique<Interner>(std::min(capacity, kThreeByteCodes));
  }
}

std::uint64_t RecordDictionaries::MemoryBytes() const {
  std::uint64_t bytes = sizeof *this;
  ForEach([&](std::string_view, const Interner& one) { bytes += one.MemoryBytes(); });
  return bytes;
}

std::shared_ptr<RecordDictionaries> NewRecordDictionaries() {
  return std::make_shared<RecordDictionaries>();
}
std::uint64_t MemoryBytes(const RecordDictionaries& dictionaries) {
  return dictionaries.MemoryBytes();
}

}  // namespace clientele
