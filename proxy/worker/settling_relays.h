#pragma once

#include <functional>
#include <utility>

#include "proxy/media/relay_control.h"

namespace proxy::worker {

/// Relays whose answers set the worker to work: after each, what the core wants sent is taken from the table.
class SettlingRelays final : public media::RelayControl {
 public:
  /// `relays` outlives this object and everything it was asked.
  SettlingRelays(media::RelayControl& relays, std::function<void()> settle)
      : relays_(relays), settle_(std::move(settle)) {}

  std::vector<media::RelayIndex> order_for(std::string_view call_id) const override {
    return relays_.order_for(call_id);
  }
  std::uint16_t boot(media::RelayIndex relay) const override { return relays_.boot(relay); }
  void ask(media::RelayIndex relay, const ng::Request& request, Done done) override {
    relays_.ask(relay, request, [this, done = std::move(done)](const auto& result) {
      done(result);
      settle_();
    });
  }

 private:
  media::RelayControl& relays_;
  std::function<void()> settle_;
};

}  // namespace proxy::worker
