// Brings the records of several segments into one store, in the order of its rows.
#pragma once

#include <memory>
#include <vector>

#include <absl/status/statusor.h>

#include "index/record_dictionaries.h"
#include "index/record_store.h"

namespace clientele {

struct MergedRows;

// The dictionaries of a merged segment, and whose records have to be written anew for them.
struct MergedDictionaries {
  std::shared_ptr<const RecordDictionaries> shared;
  std::shared_ptr<RecordDictionaries> growing;  // The same; only when records have to be written anew.
  std::vector<bool> is_foreign;                 // By source.
};

// `wanted`, or, when that is null, those of the sources if one has the codes of all, else a copy to which texts are added.
MergedDictionaries ChooseDictionaries(const MergedRows& rows, std::shared_ptr<RecordDictionaries> wanted);

// Copies the living rows' records as they are; those of foreign sources are written anew, on one thread. ResourceExhausted when
// the system refuses the memory. O(bytes).
absl::StatusOr<RecordStore> MergeRecords(const MergedRows& rows, const MergedDictionaries& dictionaries);

}  // namespace clientele
