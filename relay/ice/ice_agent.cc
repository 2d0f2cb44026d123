#include "relay/ice/ice_agent.h"

#include <algorithm>
#include <utility>

#include "relay/ice/binding.h"
#include "relay/ice/generation.h"

namespace relay::ice {
namespace {

using namespace std::chrono_literals;

constexpr unsigned kMaxRefusalsPerSecond = 10;

/// USERNAME of a check is "our fragment:theirs", RFC 8445 §7.2.2.
struct UsernameParts {
  std::string_view ours;
  std::string_view theirs;
};
std::optional<UsernameParts> split_username(std::string_view username) noexcept {
  const std::size_t colon = username.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  return UsernameParts{username.substr(0, colon), username.substr(colon + 1)};
}

bool is_for(const std::unique_ptr<Generation>& generation, const UsernameParts& name) noexcept {
  return generation && generation->local().ufrag == name.ours;
}
bool is_from_peer_of(const std::unique_ptr<Generation>& generation, const UsernameParts& name) noexcept {
  return !generation->remote() || generation->remote()->ufrag == name.theirs;
}

}  // namespace

IceAgent::IceAgent(Plan plan, common::crypto::Random& random, common::Instant now)
    : random_(&random), current_(std::make_unique<Generation>(std::move(plan), random, now)) {
  collect();
}
IceAgent::~IceAgent() = default;
IceAgent::IceAgent(IceAgent&&) noexcept = default;
IceAgent& IceAgent::operator=(IceAgent&&) noexcept = default;

void IceAgent::update(Plan plan, common::Instant now) {
  const auto& known = current_->remote();
  const bool restarts = plan.local != current_->local() || (plan.remote && known && *plan.remote != *known);
  if (restarts) {
    restart(std::move(plan), now);
  } else {
    current_->update(plan, now);
  }
  collect();
}

/// §9: the pair in use goes on; a restart on top of an unfinished one keeps the older, working generation.
void IceAgent::restart(Plan plan, common::Instant now) {
  if (current_->has_selected()) {
    previous_ = std::move(current_);
    previous_->retire();
  }
  current_ = std::make_unique<Generation>(std::move(plan), *random_, now);
}

void IceAgent::on_datagram(common::ByteSpan datagram, Component component, const common::SocketAddress& remote,
                           common::Instant now) {
  const auto message = stun::MessageView::parse(datagram);
  if (!message || message->method() != stun::kBinding) return;
  if (message->has_fingerprint() && !message->fingerprint_matches()) return;
  switch (message->message_class()) {
    case stun::MessageClass::Request:
      on_request(*message, component, remote, now);
      break;
    case stun::MessageClass::Success:
    case stun::MessageClass::Error:
      if (!current_->on_response(*message, component, remote, now) && previous_) {
        previous_->on_response(*message, component, remote, now);
      }
      break;
    case stun::MessageClass::Indication:
      break;  // a keepalive, §11: proves nothing
  }
  collect();
}

void IceAgent::on_request(const stun::MessageView& request, Component component, const common::SocketAddress& remote,
                          common::Instant now) {
  const auto username = request.username();
  if (!username || !request.has_integrity()) {
    refuse(request, stun::kBadRequest, component, remote, now);
    return;
  }
  Generation* generation = addressee(*username);
  if (generation == nullptr || !request.integrity_matches(generation->local().password)) {
    refuse(request, stun::kUnauthenticated, component, remote, now);
    return;
  }
  generation->on_request(request, component, remote, now);
}

/// Forked answers share our credentials and differ in theirs, so the whole name decides before our half alone does.
Generation* IceAgent::addressee(std::string_view username) const noexcept {
  const auto name = split_username(username);
  if (!name) return nullptr;
  if (is_for(current_, *name) && is_from_peer_of(current_, *name)) return current_.get();
  if (is_for(previous_, *name) && is_from_peer_of(previous_, *name)) return previous_.get();
  if (is_for(current_, *name)) return current_.get();
  return is_for(previous_, *name) ? previous_.get() : nullptr;
}

void IceAgent::refuse(const stun::MessageView& request, std::uint16_t code, Component component,
                      const common::SocketAddress& remote, common::Instant now) {
  if (now - refusals_since_ >= 1s) {
    refusals_since_ = now;
    refusals_ = 0;
  }
  if (refusals_++ < kMaxRefusalsPerSecond) outputs_.emplace_back(Send{component, remote, write_refusal(request, code)});
}

void IceAgent::on_timeout(common::Instant now) {
  current_->on_timeout(now);
  if (previous_) previous_->on_timeout(now);
  collect();
}

/// Joins the outputs of both generations: a component the new one has selected belongs to it alone.
void IceAgent::collect() {
  while (auto output = current_->poll_output()) {
    if (const auto* chosen = std::get_if<Selected>(&*output); chosen != nullptr && previous_) {
      previous_->release(chosen->component);
    }
    outputs_.push_back(std::move(*output));
  }
  if (!previous_) return;
  while (auto output = previous_->poll_output()) outputs_.push_back(std::move(*output));
  if (!previous_->has_selected()) previous_.reset();
}

std::optional<AgentOutput> IceAgent::poll_output() {
  if (outputs_.empty()) return std::nullopt;
  AgentOutput output = std::move(outputs_.front());
  outputs_.pop_front();
  return output;
}

std::optional<common::Instant> IceAgent::next_timeout() const noexcept {
  const auto current = current_->next_timeout();
  const auto previous = previous_ ? previous_->next_timeout() : std::nullopt;
  if (!current || !previous) return current ? current : previous;
  return std::min(*current, *previous);
}

bool IceAgent::is_validated(Component component, const common::SocketAddress& remote) const noexcept {
  return current_->is_validated(component, remote) || (previous_ && previous_->is_validated(component, remote));
}

std::optional<common::SocketAddress> IceAgent::selected(Component component) const noexcept {
  if (const auto current = current_->selected(component)) return current;
  return previous_ ? previous_->selected(component) : std::nullopt;
}

IceAgent::State IceAgent::state() const noexcept {
  const State state = current_->state();
  return state == State::Checking && previous_ ? previous_->state() : state;
}

}  // namespace relay::ice
