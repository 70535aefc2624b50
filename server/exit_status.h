// How the program ends.
#pragma once

namespace clientele {

enum ExitStatus : int {
  kExitDone = 0,
  kExitSomeRejected = 1,  // Done, but some records of the input were refused.
  kExitFailed = 2,        // Wrong usage, or nothing was done.
};

}  // namespace clientele
