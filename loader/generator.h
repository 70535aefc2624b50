// Makes client records that look like a real back office, for benchmarks and tests. The same seed and number of clients give the
// same bytes on every machine and with any number of threads.
#pragma once

#include <cstdint>
#include <string>

namespace clientele {

// Everything that client number `index` (0-based) of a set with this seed is made of; O(1), thread-safe: any client can be made
// by itself. Appends one line of NDJSON, newline included.
class Generator {
 public:
  explicit Generator(std::uint64_t seed, std::uint64_t client_count);
  void AppendClient(std::uint64_t index, std::string& out) const;

 private:
  std::uint64_t seed_;
  std::uint64_t client_count_;
};

}  // namespace clientele
