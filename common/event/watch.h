#pragma once

#include <functional>
#include <memory>

#include "common/event/loop.h"

namespace common::event {

/// What a descriptor is ready for. A broken or closed connection shows as ready for what was wanted.
struct Ready {
  bool read = false;
  bool write = false;
};

/// Level-triggered interest in one descriptor, which stays the caller's and outlives the watch.
/// May be destroyed from within its own callback.
class Watch {
 public:
  using Callback = std::function<void(Ready)>;
  /// Wants nothing until want() is called.
  Watch(Loop& loop, int fd, Callback on_ready);
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  void want(bool read, bool write);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace common::event
