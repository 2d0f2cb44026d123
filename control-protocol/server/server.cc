#include "control-protocol/server/server.h"

#include <utility>

namespace ng {

std::size_t Server::KeyHash::operator()(const Key& key) const noexcept {
  const std::size_t peer = std::hash<common::SocketAddress>{}(key.peer.address) ^ key.peer.connection;
  return peer * 1099511628211ULL ^ std::hash<std::string>{}(key.cookie);
}

void Server::on_message(const Peer& peer, std::string_view message, common::Instant now) {
  const auto envelope = open_envelope(message);
  if (!envelope) {
    ++counters_.malformed;
    return;
  }
  ++counters_.requests;
  Key key{peer, std::string(envelope->cookie)};
  if (const auto known = remembered_by_key_.find(key); known != remembered_by_key_.end()) {
    ++counters_.repeats;
    output_.push_back(SendReply{peer, known->second->message});
    return;
  }
  if (const auto known = running_by_key_.find(key); known != running_by_key_.end()) {
    ++counters_.repeats_waited;
    return;
  }
  const auto dictionary = decode(envelope->encoding, envelope->payload);
  if (!dictionary) {
    ++counters_.malformed;
    return refuse(peer, *envelope, to_string(dictionary.error()));
  }
  auto request = read_request(*dictionary);
  if (!request) return refuse(peer, *envelope, to_string(request.error()));
  if (running_.size() >= config_.max_running) {
    ++counters_.refused;
    return refuse(peer, *envelope, "Too many requests are running");
  }
  const RequestId id{++last_id_};
  running_by_key_.emplace(key, id);
  running_.emplace(id, Running{std::move(key), envelope->encoding, request->warnings});
  output_.push_back(Dispatch{id, peer, std::move(*request)});
  on_timeout(now);
}

void Server::refuse(const Peer& peer, const Envelope& envelope, std::string_view reason) {
  output_.push_back(
      SendReply{peer, seal_envelope(envelope.cookie, envelope.encoding, write_reply(Reply::error(reason)))});
}

void Server::reply(RequestId id, const Reply& reply, common::Instant now) {
  auto ended = running_.extract(id);
  if (ended.empty()) return;
  Running& running = ended.mapped();
  running_by_key_.erase(running.key);
  Reply with_warnings = reply;
  with_warnings.warnings.insert(with_warnings.warnings.begin(), running.warnings.begin(), running.warnings.end());
  std::string message = seal_envelope(running.key.cookie, running.encoding, write_reply(with_warnings));
  output_.push_back(SendReply{running.key.peer, message});
  remember(std::move(running.key), std::move(message), now);
}

void Server::remember(Key key, std::string message, common::Instant now) {
  remembered_bytes_ += message.size() + key.cookie.size();
  remembered_.push_back({key, std::move(message), now + config_.cache_time});
  remembered_by_key_.insert_or_assign(std::move(key), std::prev(remembered_.end()));
  while (remembered_bytes_ > config_.cache_bytes && !remembered_.empty()) forget_oldest();
}

void Server::forget_oldest() {
  const Remembered& oldest = remembered_.front();
  remembered_bytes_ -= oldest.message.size() + oldest.key.cookie.size();
  remembered_by_key_.erase(oldest.key);
  remembered_.pop_front();
}

void Server::on_disconnected(std::uint64_t connection) {
  std::erase_if(running_, [&](const auto& entry) {
    const Key& key = entry.second.key;
    if (key.peer.connection != connection) return false;
    running_by_key_.erase(key);
    return true;
  });
}

void Server::on_timeout(common::Instant now) {
  while (!remembered_.empty() && remembered_.front().until <= now) forget_oldest();
}

std::optional<common::Instant> Server::next_timeout() const {
  if (remembered_.empty()) return std::nullopt;
  return remembered_.front().until;
}

std::optional<ServerOutput> Server::poll_output() {
  if (output_.empty()) return std::nullopt;
  ServerOutput next = std::move(output_.front());
  output_.pop_front();
  return next;
}

}  // namespace ng
