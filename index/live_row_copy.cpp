#include "index/live_row_copy.h"

#include <cstring>
#include <new>

namespace clientele {

LiveRowPtr CopyOf(const LiveRow& row) {
  const char* const from = reinterpret_cast<const char*>(&row);
  char* const to = static_cast<char*>(::operator new(row.bytes));
  LiveRow* const copy = new (to) LiveRow(row);
  LiveRowPtr owner(copy);
  std::memcpy(to + sizeof(LiveRow), from + sizeof(LiveRow), row.bytes - sizeof(LiveRow));
  const auto moved = [&](std::string_view text) { return std::string_view(to + (text.data() - from), text.size()); };
  for (std::string_view& text : copy->texts) text = moved(text);
  copy->encoded = moved(row.encoded);
  copy->packed = moved(row.packed);
  const auto* const features = reinterpret_cast<const char*>(row.feature_ids.data());
  copy->feature_ids = {reinterpret_cast<const std::int64_t*>(to + (features - from)), row.feature_ids.size()};
  return owner;
}

}  // namespace clientele
