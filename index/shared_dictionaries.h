// Record dictionaries over the life of a set: records keep their codes when segments are merged, saved and opened again, so all
// segments of one set should share one growing object.
//
// Whether a record that was encoded with one object may be read with another is decided by the texts alone: if every dictionary
// of the one is a prefix of the other's, all codes mean the same. That takes a millisecond (they hold 4,096 texts each), needs
// nothing in the file, and cannot be wrong where two programs went on from the same file.
#pragma once

#include <memory>

#include "index/record_dictionaries.h"

namespace clientele {

// Whether all codes of `smaller` mean the same in `larger`, to which others may be adding. O(texts), about a millisecond.
bool IsPrefix(const RecordDictionaries& smaller, const RecordDictionaries& larger);

// A copy to which more texts may be added; the codes are the same.
std::shared_ptr<RecordDictionaries> Thaw(const RecordDictionaries& frozen);

// Makes all codes of `other` mean the same in `shared`, if they can: what is missing at the ends is added. False, and nothing is
// added, when a code means something else there already (or, where others add to `shared` meanwhile, came to). The order in which
// the segments of a folder are opened does not matter. Thread-safe.
bool TakeUp(const RecordDictionaries& other, RecordDictionaries& shared);

}  // namespace clientele
