// Threads that stand back: for work that nobody waits for, or that has no deadline, beside threads that answer somebody; and
// those that answer, soon.
#pragma once

#include <cstdint>

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

// Asks for the shortest time slices for the calling thread, 0.1 ms instead of some 3: where all cores are busy it then runs
// sooner after it has been woken, for no larger share of the time. For threads that work for microseconds at a time. Linux 6.12
// and later; without effect elsewhere. Source: Stoica and Abdel-Wahab, Earliest Eligible Virtual Deadline First (1995), which
// Linux schedules by.
inline void ShortenTimeSlices() {
  // The kernel's sched_attr, whose own header cannot be included beside the C library's.
  struct {
    std::uint32_t size, policy;
    std::uint64_t flags;
    std::int32_t nice;
    std::uint32_t priority;
    std::uint64_t runtime, deadline, period;  // Nanoseconds; `runtime` is the slice.
  } attributes{};
  if (syscall(SYS_sched_getattr, 0, &attributes, sizeof(attributes), 0) != 0) return;
  attributes.runtime = 100'000;
  syscall(SYS_sched_setattr, 0, &attributes, 0);
}

}  // namespace clientele
