// How rows are ordered within a segment: by these fields, then by creation time, so that clients that are filtered alike lie
// together. Low-cardinality fields that most queries ask for come early (docs/architecture.md has the measurements).
#pragma once

#include <cstdint>

#include "index/schema.h"
#include "index/segment_columns.h"

namespace clientele {

// Whose bits a field takes in the key: the value's code, or the largest that fits. Countries by falling frequency, so that the
// big ones make long runs.
struct ClusterKey {
  Field field;
  std::uint8_t service;  // Of kServiceStatuses.
  std::uint32_t bits;
};

// Most significant first.
inline constexpr ClusterKey kClusterKeys[] = {
    {Field::kStatus, 0, 3},
    {Field::kServiceStatuses, 5, kStateBits},
    {Field::kServiceStatuses, 0, kStateBits},
    {Field::kServiceStatuses, 1, kStateBits},
    {Field::kDeleted, 0, 1},
    {Field::kCountryCode, 0, 10},
    {Field::kResellers, 0, 12},
};

// Below them lies the position in the order of creation times, or its upper bits where rows are so many.
inline constexpr std::uint32_t kClusterTimeBits = 29;

}  // namespace clientele
