// Whether the arrays of an opened segment fit together: what checksums cannot say of a file that was made up, or written by a
// program with a mistake in it. What reading would otherwise step out of bounds on is looked at, numbers of rows, offsets and
// positions above all; texts, encoded records and rank bit planes are taken as they are.
#pragma once

#include <string>

#include "index/segment.h"

namespace clientele {

// What is wrong with one part of a field's index, given the segment's number of rows; empty when nothing is. The part's
// dictionary must be there already. O(size of the part), mostly sequentially.
std::string PartProblem(const Segment::Parts& segment, Field field, IndexPart part);

}  // namespace clientele
