#pragma once

#include <functional>
#include <string>

#include "common/event/loop.h"
#include "common/redis/client.h"
#include "proxy/redis/location_store.h"

namespace proxy::redis {

/// Everything that a node shares with others through Redis, over one client.
class SharedState {
 public:
  struct Settings {
    common::redis::Settings servers;
    std::string prefix;  // of every key and channel
  };

  SharedState(common::event::Loop& loop, common::crypto::Random& random, const Settings& settings,
              const common::redis::Resolve& resolve, store::MemoryLocationStore& copy, LocationStore::Events events);

  store::LocationStore& locations() noexcept { return locations_; }
  const LocationStore& location_store() const noexcept { return locations_; }
  bool is_up() const noexcept { return client_.is_up(); }
  common::redis::Client& client() noexcept { return client_; }

 private:
  void load_functions();

  KeyNames keys_;
  common::redis::Client client_;
  LocationStore locations_;
};

}  // namespace proxy::redis
