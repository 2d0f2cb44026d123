#pragma once

#include <cstddef>

#include "relay/worker/messages.h"

namespace relay::control {

/// The way to the shards. Commands to one shard keep their order and none is lost.
class ShardGateway {
 public:
  virtual ~ShardGateway() = default;
  virtual std::size_t count() const noexcept = 0;
  virtual void post(std::size_t shard, worker::ShardCommand command) = 0;
};

}  // namespace relay::control
