// What a mapping, or none, would make of a sample.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "loader/mapping.h"
#include "loader/record_error.h"
#include "loader/sample_records.h"

namespace clientele {

struct TrialReport {
  std::uint64_t loaded = 0, refused = 0;
  std::array<std::uint64_t, kFieldCount> filled{};  // Records loaded whose field is neither null nor empty, by Field.
  struct Refusal {
    std::uint64_t line;
    RecordError error;
  };
  std::vector<Refusal> first_refusals;  // At most 5.
};

// Null: the records as they are. O(sample).
TrialReport TryLoading(const std::shared_ptr<const Mapping>& mapping, RecordSample& sample);

}  // namespace clientele
