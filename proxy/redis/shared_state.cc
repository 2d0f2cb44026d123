#include "proxy/redis/shared_state.h"

#include "common/log/log.h"
#include "proxy/redis/functions.h"

namespace proxy::redis {
namespace {

using namespace std::chrono_literals;

constexpr common::Duration kLoadTime = 3s;

/// Every node loads the same library; the first one did it.
bool is_loaded_already(const common::redis::Error& error) {
  return error.text.find("already exists") != std::string::npos;
}

}  // namespace

SharedState::SharedState(common::event::Loop& loop, common::crypto::Random& random, const Settings& settings,
                         const common::redis::Resolve& resolve, store::MemoryLocationStore& copy,
                         LocationStore::Events events)
    : keys_(settings.prefix),
      client_(loop, random, settings.servers, resolve, {keys_.binding_changes()},
              {.on_up =
                   [this] {
                     common::log::info("redis.up", {{"server", client_.server().to_string()}});
                     load_functions();
                   },
               .on_listening = [this] { locations_.on_listening(); },
               .on_message = [this](const std::string& channel,
                                    const std::string& text) { locations_.on_message(channel, text); },
               .on_down =
                   [this](const std::string& why) {
                     locations_.on_lost();
                     common::log::warn("redis.down", {{"server", client_.server().to_string()}, {"reason", why}});
                   }}),
      locations_(loop, client_, keys_, copy, std::move(events)) {}

void SharedState::load_functions() {
  client_.call({"FUNCTION", "LOAD", std::string{kFunctions}}, kLoadTime, [](const auto& reply) {
    const auto* error = reply ? reply->error() : nullptr;
    if (error == nullptr || is_loaded_already(*error)) return;
    common::log::error("redis.functions_refused", {{"reason", error->text}});
  });
}

}  // namespace proxy::redis
