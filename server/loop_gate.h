// The way into an event loop for those who may outlive it: what is posted after the loop has ended is dropped. Thread-safe.
#pragma once

#include <mutex>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

namespace clientele {

class LoopGate {
 public:
  explicit LoopGate(boost::asio::io_context& context) : context_(&context) {}

  // Runs `handler` on the loop's thread some time later, if the loop is still there. Never blocks for longer than another post.
  template <typename Handler>
  void Post(Handler&& handler) {
    const std::lock_guard lock(mutex_);
    if (context_ != nullptr) boost::asio::post(*context_, std::forward<Handler>(handler));
  }

  void Shut() {
    const std::lock_guard lock(mutex_);
    context_ = nullptr;
  }

 private:
  std::mutex mutex_;
  boost::asio::io_context* context_;  // Guarded by mutex_; null once shut.
};

}  // namespace clientele
