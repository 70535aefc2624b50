#include "index/record_layout.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <limits>

namespace clientele {
namespace {

using enum FieldKind;

bool HasSectionBytes(FieldKind kind) {
  return kind == kInteger || kind == kText || kind == kNumber || kind == kTime;
}

// Bits of the field's slice.
int SliceBits(const FieldDef& def) {
  switch (def.kind) {
    case kText:
    case kNumber: return def.nullable ? 1 : 0;
    case kBoolean:
    case kWord:
    case kCountry: return std::bit_width(NullCode(def) - (def.nullable ? 0u : 1u));
    default: return 2;  // IntegerState, TimeState, CompositeState.
  }
}

// Cuts the head into slices, none of which crosses a word.
class SliceCutter {
 public:
  HeadSlice Cut(int bits) {
    if (bits == 0) return {};
    if (next_bit_ % 64 + bits > 64) next_bit_ += 64 - next_bit_ % 64;
    const HeadSlice slice{static_cast<std::uint8_t>(next_bit_ / 64), static_cast<std::uint8_t>(next_bit_ % 64),
                          static_cast<std::uint16_t>((1u << bits) - 1)};
    next_bit_ += bits;
    assert(next_bit_ <= 128);
    return slice;
  }
  std::size_t bytes() const { return static_cast<std::size_t>(next_bit_ + 7) / 8; }

 private:
  int next_bit_ = 0;
};

RecordLayout MakeLayout() {
  RecordLayout layout;
  SliceCutter cutter;
  std::vector<Field> times, others;
  for (const FieldDef& def : Fields()) {
    const std::size_t i = static_cast<std::size_t>(def.field);
    layout.slices[i] = cutter.Cut(SliceBits(def));
    const bool is_reference = std::ranges::find(kUserReferences, def.field) != kUserReferences.end();
    if (HasSectionBytes(def.kind) && !is_reference) (def.kind == kTime ? times : others).push_back(def.field);
  }
  layout.section_order.assign(kUserReferences.begin(), kUserReferences.end());
  layout.section_order.insert(layout.section_order.end(), times.begin(), times.end());
  layout.section_order.insert(layout.section_order.end(), others.begin(), others.end());
  layout.unknown_members = cutter.Cut(1);
  layout.head_bytes = std::max(cutter.bytes(), kShortestRecord - 2);
  return layout;
}

}  // namespace

const RecordLayout& RecordLayout::Get() {
  static const RecordLayout layout = MakeLayout();
  return layout;
}

}  // namespace clientele
