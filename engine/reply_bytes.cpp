#include "engine/reply_bytes.h"

#include <cstring>

namespace clientele {
namespace {

// Each result: its code (a byte), id, version and the lengths of what follows: JSON, pointer, value, expectation.
struct Head {
  std::int64_t id;
  RecordVersion version;
  std::uint32_t lengths[4];
  std::uint8_t code;
  std::uint8_t padding[7] = {};
};
static_assert(sizeof(Head) == 40);

}  // namespace

std::string ReplyBytes(const WriteReply& reply) {
  std::string bytes;
  for (const WriteResult& result : reply.results) {
    const std::string* const texts[] = {&result.json, &result.problem.pointer, &result.problem.value, &result.problem.expected};
    Head head{.id = result.id, .version = result.version, .lengths = {}, .code = static_cast<std::uint8_t>(result.code)};
    for (std::size_t i = 0; i < 4; ++i) head.lengths[i] = static_cast<std::uint32_t>(texts[i]->size());
    bytes.append(reinterpret_cast<const char*>(&head), sizeof(head));
    for (const std::string* text : texts) bytes += *text;
  }
  return bytes;
}

absl::StatusOr<WriteReply> ReplyOf(std::string_view bytes) {
  WriteReply reply;
  const absl::Status damaged = absl::DataLossError("a remembered reply is not as it was written");
  while (!bytes.empty()) {
    Head head;
    if (bytes.size() < sizeof(head)) return damaged;
    std::memcpy(&head, bytes.data(), sizeof(head));
    bytes.remove_prefix(sizeof(head));
    if (head.code > static_cast<std::uint8_t>(WriteResult::Code::kNotTried)) return damaged;
    WriteResult result{.code = static_cast<WriteResult::Code>(head.code), .id = head.id, .version = head.version};
    std::string* const texts[] = {&result.json, &result.problem.pointer, &result.problem.value, &result.problem.expected};
    for (std::size_t i = 0; i < 4; ++i) {
      if (head.lengths[i] > bytes.size()) return damaged;
      texts[i]->assign(bytes.substr(0, head.lengths[i]));
      bytes.remove_prefix(head.lengths[i]);
    }
    reply.results.push_back(std::move(result));
  }
  return reply;
}

}  // namespace clientele
