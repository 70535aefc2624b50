// What the renderer needs to know of each field, made from the schema table once: where the field's bits and bytes are, and the
// JSON that is the same in every record. Constant; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "index/json_sink.h"
#include "index/record_layout.h"
#include "index/schema.h"

namespace clientele {

// JSON in RenderPlan::texts, ready to be copied in steps of 32 bytes.
struct ReadyText {
  std::uint32_t offset = 0, size = 0;
};

// How one field is rendered. Small, so that all of them stay in the first-level cache.
struct RenderStep {
  FieldKind kind;
  Field field;
  bool always_present;     // A text or number that cannot be null.
  std::uint8_t reference;  // Place in kUserReferences; their number for other fields.
  std::uint8_t ordinal;    // Place in `times`, `section` or `composites` of the plan.
  HeadSlice slice;
  ReadyText key;         // `,"id":`; with the quotation mark of the value, if it has one.
  ReadyText null;        // `,"id":null`; for composites that of an empty one: `,"users":[]`.
  std::uint32_t values;  // Of booleans and words: place of the first value's text in the plan: `,"deleted":false`.
};

struct RenderPlan {
  std::array<RenderStep, kFieldCount> steps;  // By Field.
  std::vector<const RenderStep*> times;       // Scalars behind the references, in the section's order,
  std::vector<const RenderStep*> section;     // and those behind them.
  std::vector<const RenderStep*> composites;
  std::vector<ReadyText> values;
  std::string texts;
  HeadSlice unknown_members;
  std::size_t head_bytes;

  char* Copy(ReadyText text, char* out) const { return CopyPadded(out, texts.data() + text.offset, text.size); }

  static const RenderPlan& Get();

 private:
  RenderPlan();
  ReadyText Keep(std::string_view text);
  void KeepValues(const FieldDef& def, const std::string& key);
};

}  // namespace clientele
