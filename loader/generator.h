// Makes client records that look like a real back office, for benchmarks and tests. The same seed and number of clients give the
// same bytes on every machine and with any number of threads. data/README.md documents every field and its distribution.
#pragma once

#include <cstdint>
#include <string>

namespace clientele {

// Everything that client number `index` (0-based) of a set with this seed is made of; O(1), about 3 us, thread-safe: any client
// can be made by itself. `client_count` spreads the set over its ten years, so a client depends on it too.
class Generator {
 public:
  // `client_count`: at most 2^32.
  explicit Generator(std::uint64_t seed, std::uint64_t client_count);

  // Appends one line of NDJSON, newline included. `index` must be below client_count().
  void AppendClient(std::uint64_t index, std::string& out) const;

  std::uint64_t client_count() const { return client_count_; }

 private:
  std::uint64_t seed_;
  std::uint64_t client_count_;
};

}  // namespace clientele
