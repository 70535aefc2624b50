#include "index/live_value_bits.h"

namespace clientele {
namespace {

void Set(LiveValueBits::Values& values, std::size_t value, std::uint32_t slot) {
  if (value >= values.size()) values.resize(value + 1);
  std::vector<std::uint64_t>& words = values[value];
  if (slot / 64 >= words.size()) words.resize(slot / 64 + 1);
  words[slot / 64] |= std::uint64_t{1} << (slot % 64);
}

std::uint64_t Bytes(const LiveValueBits::Values& values) {
  std::uint64_t bytes = values.capacity() * sizeof(values[0]);
  for (const auto& words : values) bytes += words.capacity() * sizeof(std::uint64_t);
  return bytes;
}

}  // namespace

void LiveValueBits::Append(std::uint32_t slot, const LiveRow& row) {
  Set(status, row.status, slot);
  Set(client_type, row.client_type, slot);
  Set(country, row.country, slot);
  for (unsigned left = row.available_services; left != 0; left &= left - 1)
    Set(available_services, static_cast<std::size_t>(__builtin_ctz(left)), slot);
  for (std::size_t service = 0; service < kServiceCount; ++service) Set(states[service], row.State(service), slot);
  if (row.deleted) Set(deleted, 1, slot);
  if (row.is_test) Set(is_test, 1, slot);
  if (row.activated) Set(activated, 1, slot);
}

std::uint64_t LiveValueBits::bytes() const {
  std::uint64_t bytes = 0;
  for (const Values* values : {&status, &client_type, &country, &available_services, &deleted, &is_test, &activated})
    bytes += Bytes(*values);
  for (const Values& values : states) bytes += Bytes(values);
  return bytes;
}

}  // namespace clientele
