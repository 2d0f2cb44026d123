#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>

#include "common/base/result.h"
#include "common/base/strong.h"
#include "common/time/instant.h"
#include "common/time/timer_queue.h"
#include "proxy/sip/message.h"
#include "proxy/transaction/invite_client.h"
#include "proxy/transaction/invite_server.h"
#include "proxy/transaction/key.h"
#include "proxy/transaction/non_invite_client.h"
#include "proxy/transaction/non_invite_server.h"
#include "proxy/transaction/output.h"
#include "proxy/transport/flow.h"

namespace proxy::transaction {

/// Never reused in the life of a table; 0: none. Also the `key` to give the transport with what is sent.
using TransactionId = common::Strong<struct TransactionIdTag, std::uint64_t>;

/// Where a message goes: back along a flow, or to an address.
using Hop = std::variant<transport::Flow, transport::Destination>;
bool is_reliable(const Hop& hop) noexcept;

/// What a table gives to its worker.
namespace event {
/// Put these bytes on the wire.
struct Transmit {
  TransactionId id;  // 0: nobody asks what became of it
  Hop hop;
  std::string bytes;
  std::optional<transport::Destination> otherwise = {};  // when the connection of `hop` is gone, RFC 3261 §18.2.2
};
/// A new request, never ACK, and CANCEL only as Cancel. Answer with respond(), or discard() to go on without a
/// transaction. The topmost Via has `received` and `rport`.
struct Request {
  TransactionId id;
  sip::Message request;
  transport::Flow flow;
};
/// A CANCEL; it wants a response of its own: 200, or 481 when `invite` is 0 (nothing here to be cancelled).
struct Cancel {
  TransactionId id;
  TransactionId invite;
  sip::Message request;
  transport::Flow flow;
};
/// An ACK that belongs to a 2xx: to be forwarded without a transaction.
struct Ack {
  sip::Message ack;
  transport::Flow flow;
};
/// A response for the client transaction `id`.
struct Response {
  TransactionId id;
  sip::Message response;
  transport::Flow flow;
};
/// A response no transaction here waits for.
struct Stray {
  sip::Message response;
  transport::Flow flow;
};
/// The response of server transaction `id` could not be sent.
struct Undelivered {
  TransactionId id;
};
/// The transaction is gone. For a client transaction without a final response: 408 or 503 by `why`.
struct Ended {
  TransactionId id;
  transaction::Ended::Why why;
};
}  // namespace event
using Event = std::variant<event::Transmit, event::Request, event::Cancel, event::Ack, event::Response, event::Stray,
                           event::Undelivered, event::Ended>;

/// Hands what a table wants on the wire to the transports.
void transmit(event::Transmit message, transport::Sender& sender);

enum class SendError : std::uint8_t {
  TooMany,        // the limit of client transactions is reached
  AlreadyRunning  // a transaction with this branch and method runs already
};

/// All transactions of one worker. Push one input, drain poll_event(), then sleep until next_timeout().
/// Messages handed in have passed sip::check().
class Table {
 public:
  struct Limits {
    std::size_t servers = 50'000;  // above: 503 with Retry-After
    std::size_t clients = 100'000;
  };
  struct Stats {
    std::uint64_t repeats = 0;    // requests absorbed as retransmissions
    std::uint64_t acks = 0;       // ACKs absorbed
    std::uint64_t refused = 0;    // requests answered 503 because of the limit
    std::uint64_t malformed = 0;  // without usable Via or CSeq: dropped
  };

  explicit Table(Limits limits);
  Table();

  void on_request(sip::Message request, const transport::Flow& flow, common::Instant now);
  void on_response(sip::Message response, const transport::Flow& flow, common::Instant now);
  /// The transport failed to send what Transmit with this id asked for. Unknown ids are ignored.
  void on_transport_error(TransactionId id);
  void on_timeout(common::Instant now);
  Timer next_timeout() const noexcept { return timers_.next(); }
  std::optional<Event> poll_event() { return events_.pop(); }

  /// Starts a client transaction. Our Via with its branch is on top already. Not for ACK.
  [[nodiscard]] common::Result<TransactionId, SendError> send_request(sip::Message request, Hop hop,
                                                                      common::Instant now);
  /// Cancels an INVITE of ours, RFC 3261 §9.1: as soon as a provisional response is there. The CANCEL's own transaction
  /// stays in the table. `reason`: value of a Reason field (RFC 3326), or empty.
  void cancel(TransactionId client, common::Instant now, std::string_view reason = {});
  /// Answers a request. Ids that are gone are ignored: a late response has nobody to go to.
  void respond(TransactionId server, const sip::Message& response, common::Instant now);
  /// The way back of an INVITE has changed: what was said last is said again over `hop`. False: that is the way
  /// already.
  [[nodiscard]] bool redirect(TransactionId server, Hop hop);
  /// Forgets a server transaction that has not responded: its request is forwarded without state.
  void discard(TransactionId server);

  std::size_t servers() const noexcept { return servers_.size(); }
  std::size_t clients() const noexcept { return clients_.size(); }
  const Stats& stats() const noexcept { return stats_; }

 private:
  struct Server {
    std::variant<InviteServer, NonInviteServer> machine;
    Hop hop;
    std::optional<transport::Destination> otherwise;
    Key key;
  };
  struct Client {
    std::variant<InviteClient, NonInviteClient> machine;
    Hop hop;
    Key key;
    bool own_cancel = false;                        // made by cancel(): nobody waits for its response
    bool cancelled = false;                         // CANCEL went out
    std::optional<std::string> cancel_wanted = {};  // the reason, while there is no provisional response yet
  };

  void on_ack(sip::Message ack, const Key& key, const transport::Flow& flow, common::Instant now);
  bool absorb_repeat(const Key& key);
  void open_server(sip::Message request, Key key, const transport::Flow& flow, common::Instant now);
  void refuse(const sip::Message& request, const transport::Flow& flow);
  TransactionId find_cancelled(const sip::Message& cancel) const;
  void send_wanted_cancel(TransactionId id, common::Instant now);
  /// Turns a machine's outputs into events; forgets it when it has ended.
  void settle_server(TransactionId id, Server& server);
  void settle_client(TransactionId id, Client& client, const transport::Flow& from);
  void reschedule(TransactionId id, const Timer& next);
  void forget_server(TransactionId id);
  void forget_client(TransactionId id);

  Limits limits_;
  Stats stats_;
  std::uint64_t last_id_ = 0;
  std::unordered_map<TransactionId, Server> servers_;
  std::unordered_map<TransactionId, Client> clients_;
  std::map<Key, TransactionId> server_keys_;
  std::map<Key, TransactionId> client_keys_;
  common::TimerQueue<TransactionId> timers_;
  OutputQueue<Event> events_;
};

}  // namespace proxy::transaction
