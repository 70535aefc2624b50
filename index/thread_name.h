// Names of threads, as `top -H`, `ps -L` and perf show them.
#pragma once

#include <pthread.h>

namespace clientele {

// Names the calling thread; 15 bytes at most, or it keeps the name that it has. It is the program's own name at first.
inline void NameThread(const char* name) {
  pthread_setname_np(pthread_self(), name);
}

}  // namespace clientele
