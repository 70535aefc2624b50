// Threads that stand back: for work that nobody waits for, or that has no deadline, beside threads that answer somebody.
#pragma once

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace clientele {

// Adds to the niceness of the calling thread (Linux keeps one for each): 5 leaves it a third of the time of a thread that
// competes for its core, 10 a tenth. Not to be undone without a privilege; threads that it starts have it as well. Such a thread
// should hold no lock for long that others wait for: it may be kept off the cores with it.
inline void LowerThreadPriority(int by) {
  const auto self = static_cast<id_t>(syscall(SYS_gettid));
  setpriority(PRIO_PROCESS, self, getpriority(PRIO_PROCESS, self) + by);
}

}  // namespace clientele
