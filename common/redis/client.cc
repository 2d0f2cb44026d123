#include "common/redis/client.h"

#include <utility>

namespace common::redis {
namespace {

Link::Find finder(event::Loop& loop, const Settings& settings, const Resolve& resolve) {
  if (settings.sentinel_group.empty()) return in_turn(settings.servers, resolve);
  return by_sentinel(loop, settings.servers, settings.sentinel_group, settings.sentinel_access, resolve);
}

/// What a server says that is not, or no longer, the master to write to.
bool is_wrong_server(const Error& error) {
  return error.code() == "READONLY" || error.code() == "MASTERDOWN" || error.code() == "LOADING";
}

}  // namespace

Client::Client(event::Loop& loop, crypto::Random& random, const Settings& settings, const Resolve& resolve,
               std::vector<std::string> channels, Events events)
    : channels_(std::move(channels)),
      events_(std::move(events)),
      commands_(loop, random, settings.access, finder(loop, settings, resolve),
                {.on_up = events_.on_up, .on_message = {}, .on_down = events_.on_down}) {
  if (channels_.empty()) return;
  pushes_.emplace(loop, random, settings.access, finder(loop, settings, resolve),
                  Link::Events{.on_up =
                                   [this] {
                                     confirmed_ = 0;
                                     pushes_->subscribe(channels_);
                                   },
                               .on_message = [this](const Reply& push) { on_push(push); },
                               .on_down = [this](const std::string&) { is_listening_ = false; }});
}

void Client::call(const Command& command, Duration deadline, Done done) {
  commands_.call(command, deadline, [this, done = std::move(done)](Result<Reply, Failure> reply) {
    const Error* error = reply ? reply->error() : nullptr;
    if (error == nullptr || !is_wrong_server(*error)) return done(std::move(reply));
    const std::string why = error->text;
    done(Err{Failure::Unavailable});
    commands_.renew(why);
    if (pushes_) pushes_->renew(why);
  });
}

void Client::on_push(const Reply& push) {
  const auto* parts = push.array();
  if (parts == nullptr || parts->size() != 3 || (*parts)[0].text() == nullptr || (*parts)[1].text() == nullptr) return;
  if (*(*parts)[0].text() == "subscribe") {
    if (++confirmed_ < channels_.size()) return;
    is_listening_ = true;
    if (events_.on_listening) events_.on_listening();
    return;
  }
  if ((*parts)[2].text() != nullptr && events_.on_message) events_.on_message(*(*parts)[1].text(), *(*parts)[2].text());
}

}  // namespace common::redis
