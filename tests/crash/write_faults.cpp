// A library to be preloaded into a program under test: it numbers the program's write-side system calls on one folder, over all
// threads, and lets some of them fail, or kills the program at one. Unlike strace, whose counters are per thread, it reaches
// every call of a program with several threads, and costs next to nothing.
//
//   FAULT_FOLDER  absolute path; calls on what lies elsewhere are neither counted nor touched
//   FAULT_LOG     a file that gets a line "NUMBER CALL PATH" for each call
//   FAULT_ACTION  kill: at the call, before it does anything; torn: after half of what was to be written; EIO, ENOSPC: the call
//                 fails; NOROOM: the same as ENOSPC, but only for calls that take room; keep: segment files are not removed
//   FAULT_FIRST   number of the first call that it happens to, from 1
//   FAULT_COUNT   how many, all from there when absent
//   FAULT_SIGN    a file that is made when it happens first
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

long NumberIn(const char* name, long otherwise) {
  const char* text = getenv(name);
  return text == nullptr ? otherwise : atol(text);
}

struct Plan {
  const char* folder = getenv("FAULT_FOLDER");
  const char* action = getenv("FAULT_ACTION") == nullptr ? "" : getenv("FAULT_ACTION");
  long first = NumberIn("FAULT_FIRST", 0), count = NumberIn("FAULT_COUNT", 1L << 60);
  int log =
      getenv("FAULT_LOG") == nullptr
          ? -1
          : static_cast<int>(syscall(SYS_openat, AT_FDCWD, getenv("FAULT_LOG"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666));
};

const Plan& ThePlan() {
  static const Plan plan;
  return plan;
}

std::atomic<long> calls = 0;

void MakeSign() {
  static const char* const path = getenv("FAULT_SIGN");
  if (path != nullptr) syscall(SYS_close, syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666));
}

enum class Fate { kGoOn, kFail, kTear, kPretend };

// Counts the call; does not return from a kill. errno is set for kFail. kPretend is for unlink only.
Fate FateOf(const char* call, const char* path) {
  const Plan& plan = ThePlan();
  if (plan.folder == nullptr || path == nullptr || strncmp(path, plan.folder, strlen(plan.folder)) != 0) return Fate::kGoOn;
  const long number = ++calls;
  if (plan.log >= 0) {
    char line[600];
    const int size = snprintf(line, sizeof line, "%ld %s %s\n", number, call, path);
    if (syscall(SYS_write, plan.log, line, size) != size) abort();
  }
  if (plan.first <= 0 || number < plan.first || number >= plan.first + plan.count) return Fate::kGoOn;
  if (number == plan.first) MakeSign();
  if (strcmp(plan.action, "kill") == 0) raise(SIGKILL);
  if (strcmp(plan.action, "torn") == 0) {
    if (strstr(call, "write") != nullptr) return Fate::kTear;
    raise(SIGKILL);
  }
  if (strcmp(plan.action, "keep") == 0)
    return strcmp(call, "unlink") == 0 && strstr(path, ".clientele") != nullptr ? Fate::kPretend : Fate::kGoOn;
  const bool is_no_room = strcmp(plan.action, "NOROOM") == 0;
  if (is_no_room && strstr("fsync fdatasync ftruncate unlink rename", call) != nullptr) return Fate::kGoOn;
  errno = is_no_room || strcmp(plan.action, "ENOSPC") == 0 ? ENOSPC : EIO;
  return Fate::kFail;
}

Fate FateOf(const char* call, int file) {
  const int error = errno;
  char link[64], path[512];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  const ssize_t size = readlink(link, path, sizeof path - 1);
  errno = error;
  if (size < 0) return Fate::kGoOn;
  path[size] = '\0';
  return FateOf(call, path);
}

template <class Function>
Function* Next(Function*, const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

ssize_t Pwrite(int file, const void* bytes, size_t size, off_t offset) {
  const Fate fate = FateOf("pwrite", file);
  if (fate == Fate::kFail) return -1;
  const ssize_t written = syscall(SYS_pwrite64, file, bytes, fate == Fate::kTear ? size / 2 : size, offset);
  if (fate == Fate::kTear) raise(SIGKILL);
  return written;
}

int Open(const char* path, int flags, mode_t mode) {
  if ((flags & O_CREAT) != 0 && FateOf("open", path) == Fate::kFail) return -1;
  return static_cast<int>(syscall(SYS_openat, AT_FDCWD, path, flags, mode));
}

}  // namespace

#define FILE_CALL(name, parameters, arguments)         \
  int name parameters {                                \
    if (FateOf(#name, file) == Fate::kFail) return -1; \
    static const auto next = Next(&name, #name);       \
    return next arguments;                             \
  }
#define PATH_CALL(name, parameters, arguments)         \
  int name parameters noexcept {                       \
    if (FateOf(#name, path) == Fate::kFail) return -1; \
    static const auto next = Next(&name, #name);       \
    return next arguments;                             \
  }

extern "C" {

ssize_t pwrite(int file, const void* bytes, size_t size, off_t offset) {
  return Pwrite(file, bytes, size, offset);
}
ssize_t pwrite64(int file, const void* bytes, size_t size, off64_t offset) {
  return Pwrite(file, bytes, size, offset);
}

ssize_t write(int file, const void* bytes, size_t size) {
  const Fate fate = FateOf("write", file);
  if (fate == Fate::kFail) return -1;
  const ssize_t written = syscall(SYS_write, file, bytes, fate == Fate::kTear ? size / 2 : size);
  if (fate == Fate::kTear) raise(SIGKILL);
  return written;
}

FILE_CALL(fsync, (int file), (file))
FILE_CALL(fdatasync, (int file), (file))
FILE_CALL(fallocate, (int file, int mode, off_t offset, off_t size), (file, mode, offset, size))
FILE_CALL(fallocate64, (int file, int mode, off64_t offset, off64_t size), (file, mode, offset, size))

int ftruncate(int file, off_t size) noexcept {
  return FateOf("ftruncate", file) == Fate::kFail ? -1 : static_cast<int>(syscall(SYS_ftruncate, file, size));
}
int ftruncate64(int file, off64_t size) noexcept {
  return ftruncate(file, size);
}

int unlink(const char* path) noexcept {
  const Fate fate = FateOf("unlink", path);
  if (fate != Fate::kGoOn) return fate == Fate::kFail ? -1 : 0;
  return static_cast<int>(syscall(SYS_unlink, path));
}
PATH_CALL(mkdir, (const char* path, mode_t mode), (path, mode))
PATH_CALL(rename, (const char* path, const char* to), (path, to))

int open(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return Open(path, flags, mode);
}
int open64(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return Open(path, flags, mode);
}

}  // extern "C"
