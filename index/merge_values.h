// Merges the value indices of several segments: the dictionaries become one, each row's values move to its new row, and the
// containers are built anew in bulk, since which form is best for a value depends on all rows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "index/hash_postings.h"
#include "index/interner.h"
#include "index/schema.h"
#include "index/segment.h"

namespace clientele {

struct MergedRows;

// The values of one field that living rows hold. A value of which all rows are dead has no code any more.
struct UnifiedValues {
  std::shared_ptr<const Interner> dictionary;
  std::vector<std::vector<std::uint32_t>> code_of;  // By source, then its own code; kNullCode when the value is gone.
};

// For fields with a dictionary. The values of the largest source come first and so keep their codes, as long as none is gone.
// O(values).
UnifiedValues UnifyValues(const MergedRows& rows, Field field);

// What IndexPart::kValues holds of the field, but the states and hashes; for a sort key also the words of all rows. `unified`
// only for fields with a dictionary. O(entries); beside the result 4 bytes a row, or 4 for each row and each of its features.
void MergeValues(const MergedRows& rows, Field field, const UnifiedValues* unified, FieldIndex& merged);

// One service's states.
ValueIndex MergeStates(const MergedRows& rows, Field field, std::size_t service);

HashPostings MergeHashes(const MergedRows& rows, Field field);

}  // namespace clientele
