#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/crypto/random.h"
#include "common/time/manual_clock.h"
#include "proxy/core/proxy_core.h"
#include "proxy/store/memory_location_store.h"

/// A whole proxy in memory: bytes of peers in, bytes to peers out, a clock by hand, relays that do as told.
namespace tests {

/// A message that left the proxy.
struct Sent {
  std::string to;  // address, or `flow N` for a connection
  proxy::sip::Message message;
};

class RecordingSender final : public proxy::transport::Sender {
 public:
  void send(const proxy::transport::Flow& flow, std::string bytes, std::uint64_t) override;
  void send_to(const proxy::transport::Destination& destination, std::string bytes, std::uint64_t) override;
  bool is_open(const proxy::transport::Flow& flow) const override { return !closed.contains(flow.connection); }
  bool peer_is(proxy::transport::ConnectionId connection, std::string_view domain) const override {
    return certificates.contains({connection, std::string{domain}});
  }
  void close(proxy::transport::ConnectionId) override {}
  std::deque<Sent> sent;
  std::set<proxy::transport::ConnectionId> closed;                                // what is sent there goes nowhere
  std::set<std::pair<proxy::transport::ConnectionId, std::string>> certificates;  // domains that peers have proven
  std::set<std::string> unreachable;                                              // addresses; the same
  std::deque<proxy::transaction::TransactionId> undelivered;
};

/// Relays that answer with an SDP that tells what was asked.
class ScriptedRelays final : public proxy::media::RelayControl {
 public:
  struct Asked {
    proxy::media::RelayIndex relay;
    ng::Request request;
  };
  std::vector<proxy::media::RelayIndex> order_for(std::string_view) const override { return {0, 1}; }
  std::uint16_t boot(proxy::media::RelayIndex) const override { return boot_id; }
  void ask(proxy::media::RelayIndex relay, const ng::Request& request, Done done) override;
  /// Gives the answers of everything asked so far. False: there was nothing.
  bool answer();
  std::vector<ng::Command> commands() const;

  std::uint16_t boot_id = 7;
  bool silent = false;
  std::vector<proxy::media::RelayIndex> dead;
  std::optional<std::string> refusal;
  std::vector<Asked> asked;

 private:
  std::deque<std::pair<Asked, Done>> waiting_;
};

class CoreScene {
 public:
  /// `trunks` empty: `carrier` at 203.0.113.5 and `second` at 203.0.113.6.
  explicit CoreScene(std::vector<proxy::trunk::Trunk> trunks = {}, bool media = true);

  static proxy::transport::Flow udp(std::string_view remote);
  static proxy::transport::Flow wss(std::uint64_t connection);
  static proxy::transport::Flow tcp(std::string_view remote, std::uint64_t connection);

  /// Without this both scenes of a test have the same one secret.
  void use_secrets(std::string_view current, std::optional<std::string_view> other);

  /// A message arrives; everything it sets off happens, relays included.
  void receive(const proxy::transport::Flow& flow, const proxy::sip::Message& message);
  void advance(common::Duration by);
  common::Instant now() const { return clock_.now(); }
  proxy::transaction::Timer next_timeout() const;
  void settle();

  /// The oldest message to `to` that was not taken yet; fails the test if there is none.
  proxy::sip::Message take(std::string_view to);
  bool nothing_to(std::string_view to) const;

  /// Puts a binding into the store; with an instance as one of its flows, RFC 5626.
  void bind(const std::string& user, const std::string& contact, const proxy::transport::Flow& flow,
            const std::string& instance = {}, std::uint32_t reg_id = 0, std::uint16_t q_thousandths = 1000);
  /// REGISTER with credentials over `flow`; its 200 is left to be taken.
  void register_user(const std::string& user, const std::string& contact, const proxy::transport::Flow& flow);
  /// The request with credentials of `user` for the challenge in `response`.
  proxy::sip::Message with_credentials(proxy::sip::Message request, const proxy::sip::Message& response,
                                       const std::string& user);

  proxy::core::ProxyCore& core() { return *core_; }
  proxy::core::Settings& settings() { return settings_; }

  RecordingSender sender;
  ScriptedRelays relays;
  std::optional<proxy::core::Administration> administration;
  proxy::trunk::Health trunk_health;
  /// Where names are found; others are found nowhere.
  std::map<std::string, proxy::next_hop::Candidates> places;
  /// Names that are looked up until release().
  std::map<std::string, std::vector<std::function<void()>>> held_names;
  void release(const std::string& name);

 private:
  void locate(proxy::next_hop::Wanted wanted, proxy::dns::Done<proxy::next_hop::Candidates> done);

  std::size_t generation_ = 0;
  common::ManualClock clock_;
  common::crypto::SeededRandom random_{1};
  proxy::core::Settings settings_;
  std::optional<proxy::core::Listeners> listeners_;
  std::optional<proxy::core::Keys> keys_;
  proxy::transaction::Table table_;
  proxy::store::MemoryLocationStore store_;
  std::optional<proxy::registrar::Registrar> registrar_;
  std::optional<proxy::auth::Authenticator> authenticator_;
  std::unique_ptr<proxy::core::ProxyCore> core_;
};

/// INVITE of `from` for `uri`, as a user agent at `contact` sends it; with an SDP unless told otherwise.
proxy::sip::Message invite(std::string_view from, std::string_view uri, std::string_view contact,
                           std::string_view sdp = "v=0\r\nc=IN IP4 192.0.2.99\r\n");
/// A user agent's response with its tag and contact.
proxy::sip::Message answer(const proxy::sip::Message& request, int status, std::string_view tag,
                           std::string_view contact = {}, std::string_view sdp = {});
/// A request inside the dialog that `response` (as received by the caller) has opened, sent by the caller.
proxy::sip::Message from_caller(std::string_view method, const proxy::sip::Message& response, unsigned cseq);
/// The same sent by the callee, which has got `invite`.
proxy::sip::Message from_callee(std::string_view method, const proxy::sip::Message& invite, std::string_view tag,
                                unsigned cseq);

}  // namespace tests
