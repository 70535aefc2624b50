#include "engine/serial_executor.h"

#include "index/thread_name.h"

namespace clientele {

SerialExecutor::~SerialExecutor() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_.notify_one();
  thread_.join();
}

void SerialExecutor::Run(absl::FunctionRef<void()> function) {
  Task task{.function = function};
  std::unique_lock lock(mutex_);
  waiting_.push_back(&task);
  work_.notify_one();
  done_.wait(lock, [&] { return task.is_done; });
}

void SerialExecutor::Work() {
  NameThread("prompt steps");
  std::unique_lock lock(mutex_);
  while (true) {
    work_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    Task* const task = waiting_.front();
    waiting_.pop_front();
    lock.unlock();
    task->function();
    lock.lock();
    task->is_done = true;
    done_.notify_all();
  }
}

}  // namespace clientele
