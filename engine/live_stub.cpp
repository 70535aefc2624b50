#include "engine/live_answer.h"
namespace clientele {
SortKeyValue LiveKey(const LiveRow&, Field) {
  return {};
}
void RenderLiveRow(const LiveRow&, std::uint64_t, std::string&) {}
}  // namespace clientele
