#pragma once

#include <cstdint>
#include <deque>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>

#include "common/base/strong.h"
#include "common/net/address.h"
#include "common/time/instant.h"
#include "control-protocol/message/envelope.h"
#include "control-protocol/message/reply.h"
#include "control-protocol/message/request.h"

namespace ng {

/// Who sent a request: the source of a datagram, or one stream connection.
struct Peer {
  common::SocketAddress address;
  std::uint64_t connection = 0;  // 0: UDP
  friend auto operator<=>(const Peer&, const Peer&) = default;
};

using RequestId = common::Strong<struct RequestIdTag, std::uint64_t>;

/// Bytes for the wire.
struct SendReply {
  Peer peer;
  std::string message;
};
/// A request to be worked on; reply() ends it, at once or later.
struct Dispatch {
  RequestId id;
  Peer peer;
  Request request;
};
using ServerOutput = std::variant<SendReply, Dispatch>;

struct ServerConfig {
  common::Duration cache_time = std::chrono::seconds{15};
  std::size_t cache_bytes = std::size_t{16} << 20;
  std::size_t max_running = 4096;
};

struct ServerCounters {
  std::uint64_t requests = 0;
  std::uint64_t repeats = 0;         // answered from the cache
  std::uint64_t repeats_waited = 0;  // of a request that was still running
  std::uint64_t malformed = 0;
  std::uint64_t refused = 0;  // too many running
};

/// The serving end of the ng protocol. Sans-IO: push messages, drain poll_output().
/// A repeat (same peer, same cookie) never runs twice: it gets the remembered reply, or waits for the running one.
class Server {
 public:
  explicit Server(ServerConfig config = {}) : config_(config) {}

  /// One datagram, or one framed message of a stream.
  void on_message(const Peer& peer, std::string_view message, common::Instant now);
  /// Ends a dispatched request; an unknown id (its peer has hung up) is ignored.
  void reply(RequestId id, const Reply& reply, common::Instant now);
  /// A stream has closed: its replies have nowhere to go.
  void on_disconnected(std::uint64_t connection);

  void on_timeout(common::Instant now);
  std::optional<common::Instant> next_timeout() const;
  std::optional<ServerOutput> poll_output();

  const ServerCounters& counters() const noexcept { return counters_; }
  std::size_t running() const noexcept { return running_.size(); }

 private:
  struct Key {
    Peer peer;
    std::string cookie;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const noexcept;
  };
  struct Remembered {
    Key key;
    std::string message;
    common::Instant until;
  };
  struct Running {
    Key key;
    Encoding encoding;
    std::vector<std::string> warnings;
  };

  void refuse(const Peer& peer, const Envelope& envelope, std::string_view reason);
  void remember(Key key, std::string message, common::Instant now);
  void forget_oldest();

  ServerConfig config_;
  ServerCounters counters_;
  std::uint64_t last_id_ = 0;
  std::unordered_map<RequestId, Running> running_;
  std::unordered_map<Key, RequestId, KeyHash> running_by_key_;
  std::list<Remembered> remembered_;  // oldest first
  std::unordered_map<Key, std::list<Remembered>::iterator, KeyHash> remembered_by_key_;
  std::size_t remembered_bytes_ = 0;
  std::deque<ServerOutput> output_;
};

}  // namespace ng
