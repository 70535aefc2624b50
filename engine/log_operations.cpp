#include "engine/log_operations.h"

#include <cstring>

namespace clientele {
namespace {

// Each operation: a byte that says which, then the length of the JSON (four bytes) and the JSON, or the id (eight bytes).
enum Kind : char { kUpsert = 'U', kPurge = 'P' };

template <class Number>
void AppendNumber(Number number, std::string& payload) {
  payload.append(reinterpret_cast<const char*>(&number), sizeof(number));
}

template <class Number>
bool TakeNumber(std::string_view& payload, Number& number) {
  if (payload.size() < sizeof(number)) return false;
  std::memcpy(&number, payload.data(), sizeof(number));
  payload.remove_prefix(sizeof(number));
  return true;
}

}  // namespace

void AppendUpsert(std::string_view json, std::string& payload) {
  payload += kUpsert;
  AppendNumber(static_cast<std::uint32_t>(json.size()), payload);
  payload.append(json);
}

void AppendPurge(std::int64_t id, std::string& payload) {
  payload += kPurge;
  AppendNumber(id, payload);
}

absl::Status ForEachOperation(std::string_view payload, absl::FunctionRef<absl::Status(std::string_view json)> on_upsert,
                              absl::FunctionRef<absl::Status(std::int64_t id)> on_purge) {
  while (!payload.empty()) {
    const char kind = payload[0];
    payload.remove_prefix(1);
    absl::Status status = absl::DataLossError("a log group is not as it was written");
    if (kind == kUpsert) {
      std::uint32_t length = 0;
      if (!TakeNumber(payload, length) || length > payload.size()) return status;
      status = on_upsert(payload.substr(0, length));
      payload.remove_prefix(length);
    } else if (kind == kPurge) {
      std::int64_t id = 0;
      if (!TakeNumber(payload, id)) return status;
      status = on_purge(id);
    }
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace clientele
