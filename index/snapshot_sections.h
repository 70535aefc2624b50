// The one enumeration of a segment's arrays, which a snapshot's writer and its reader both walk: what is written first is read
// first, and nothing can be written and forgotten when reading.
//
// `Sections` offers
//   Number(value)             a plain value, kept with all others in the section "numbers"
//   Hot(name, array)          a HugeArray that queries read at random: bitmaps, codes, ranks, permutations
//   Cold(name, array)         a HugeArray that queries read in long stretches, or seldom: texts, records
//   Nested(name, object)      an object with a List() of its own
//   Dictionary(name, interner)
//   BeginPart(field, part)    what follows belongs to this part of the index (index/segment.h)
//   BeginRecords()
#pragma once

#include "index/record_dictionaries.h"
#include "index/schema.h"
#include "index/segment.h"

namespace clientele {

template <class Sections, class Parts>
void ListSegment(Sections& sections, Parts& parts) {
  sections.Number(parts.row_count);
  for (const FieldDef& def : Fields()) {
    auto& index = parts.fields[static_cast<std::size_t>(def.field)];
    sections.BeginPart(def.field, IndexPart::kValues);
    sections.Nested("values", index.values);
    sections.Dictionary("dictionary", index.dictionary);
    for (std::size_t service = 0; service < kServiceCount; ++service)
      sections.Nested(kServiceNames[service], index.states[service]);
    sections.Nested("hashes", index.hashes);
    sections.BeginPart(def.field, IndexPart::kOrder);
    sections.Nested("order", index.order);
    sections.Nested("keys", index.keys);
    sections.Hot("word_codes", index.word_codes);
    sections.BeginPart(def.field, IndexPart::kTexts);
    sections.Nested("texts", index.texts);
    sections.Nested("user_names", index.user_names);
    sections.Nested("user_emails", index.user_emails);
  }
  sections.BeginRecords();
  sections.Nested("store", parts.records);
  sections.RecordDictionaries("dictionaries", parts.dictionaries);
}

}  // namespace clientele
