#include "index/render_plan.h"

#include <algorithm>
#include <cassert>

namespace clientele {
namespace {

std::string_view EmptyText(FieldKind kind) {
  switch (kind) {
    case FieldKind::kTextList:
    case FieldKind::kServiceSet:
    case FieldKind::kUsers: return "[]";
    case FieldKind::kServiceStates:
    case FieldKind::kServiceFlags:
    case FieldKind::kFeatures: return "{}";
    default: return "null";
  }
}

}  // namespace

ReadyText RenderPlan::Keep(std::string_view text) {
  const ReadyText kept{static_cast<std::uint32_t>(texts.size()), static_cast<std::uint32_t>(text.size())};
  texts.append(text);
  texts.append(32 - text.size() % 32, ' ');
  return kept;
}

void RenderPlan::KeepValues(const FieldDef& def, const std::string& key) {
  if (def.kind == FieldKind::kBoolean) {
    values.push_back(Keep(key + "false"));
    values.push_back(Keep(key + "true"));
  } else if (def.kind == FieldKind::kWord) {
    for (const std::string_view word : def.words) values.push_back(Keep(key + '"' + std::string(word) + '"'));
  } else {
    return;
  }
  values.push_back(Keep(key + "null"));  // By NullCode.
}

RenderPlan::RenderPlan() {
  const RecordLayout& layout = RecordLayout::Get();
  unknown_members = layout.unknown_members;
  head_bytes = layout.head_bytes;
  for (const FieldDef& def : Fields()) {
    const std::size_t i = static_cast<std::size_t>(def.field);
    const std::string key = ",\"" + std::string(def.name) + "\":";
    const bool is_quoted = def.kind == FieldKind::kText || def.kind == FieldKind::kTime || def.kind == FieldKind::kCountry;
    RenderStep& step = steps[i];
    step.kind = def.kind;
    step.field = def.field;
    step.slice = layout.slices[i];
    step.always_present = step.slice.mask == 0;
    step.key = Keep(is_quoted ? key + '"' : key);
    step.null = Keep(key + std::string(EmptyText(def.kind)));
    step.values = static_cast<std::uint32_t>(values.size());
    KeepValues(def, key);
    step.reference = kUserReferenceCount;
    step.ordinal = 0;
    if (!IsComposite(def.kind)) continue;
    step.ordinal = static_cast<std::uint8_t>(composites.size());
    composites.push_back(&step);
  }
  for (std::size_t i = 0; i < layout.section_order.size(); ++i) {
    RenderStep& step = steps[static_cast<std::size_t>(layout.section_order[i])];
    if (i < kUserReferenceCount) {
      assert(step.kind == (i < kIntegerReferences ? FieldKind::kInteger : FieldKind::kText));
      step.reference = static_cast<std::uint8_t>(i);
      continue;
    }
    std::vector<const RenderStep*>& part = step.kind == FieldKind::kTime ? times : section;
    step.ordinal = static_cast<std::uint8_t>(part.size());
    part.push_back(&step);
  }
}

const RenderPlan& RenderPlan::Get() {
  static const RenderPlan plan;
  return plan;
}

}  // namespace clientele
