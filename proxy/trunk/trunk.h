#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/net/address.h"
#include "proxy/next_hop/location.h"
#include "proxy/routing/pattern.h"
#include "proxy/routing/rate_table.h"
#include "proxy/transport/flow.h"
#include "proxy/trunk/caller_policy.h"
#include "proxy/trunk/health_policy.h"

/// The carriers and gateways that calls go to and come from.
namespace proxy::trunk {

enum class SrtpPolicy : std::uint8_t { Rtp, SdesRequired, SdesPreferred };  // the last one as RFC 8643

/// Inbound calls to a number go to a registered user.
struct InboundRule {
  routing::Pattern pattern;
  std::string user;
};

struct Trunk {
  std::string name;
  std::string host;                          // address or DNS name
  std::uint16_t port = 0;                    // 0: what SRV says, else the transport's own
  std::optional<transport::Kind> transport;  // nullopt: what NAPTR and SRV say, else UDP
  std::string tls_name;                      // certificate's domain, RFC 5922; empty: `host`
  std::string username;                      // digest; empty: the trunk does not challenge
  std::string password;
  std::string realm;                // empty: any realm the trunk names
  std::vector<std::string> codecs;  // offered to the trunk, in this order; empty: as the caller offers
  SrtpPolicy srtp = SrtpPolicy::Rtp;
  bool allow_sdes_without_tls = false;
  std::vector<common::Cidr> sources;      // where its calls come from; empty: its own addresses
  std::vector<std::string> tls_subjects;  // domains of its certificate when it calls; it is known by that alone then
  std::vector<InboundRule> inbound;       // empty: the Request-URI's user is the registered user
  std::vector<std::string> registrar_of;  // domains that its server registers users of, through us
  std::string from_domain;                // domain in From towards the trunk; empty: ours
  std::string interface;                  // the relay's, of its side where no route names one; empty: the default
  std::vector<int> retry_codes = {408, 500, 502, 503, 504};  // failures that say nothing about the next trunk
  bool follow_redirects = false;                             // its 3xx is not the caller's affair
  common::Duration provisional_timeout{};                    // until its first sign of life; 0: as everywhere
  common::Duration answer_timeout{};                         // until its final answer; 0: as everywhere
  HealthPolicy health;
  routing::NumberFormat number_format = routing::NumberFormat::AsIs;  // of called numbers
  routing::Rewrite number_rewrite;                                    // of them, then
  bool user_phone = false;  // `user=phone` with every number, RFC 3261 §19.1.1
  CallerPolicy caller;
  bool trusted_identity = false;      // its P-Asserted-Identity and Remote-Party-ID are believed
  routing::Rewrite incoming_rewrite;  // of the numbers it calls here
  bool incoming_normalised = false;   // then into E.164 form
  std::vector<routing::Rate> rates;   // as configured; the router looks prices up
  std::string rates_file;             // more of them

  /// Its signalling is always encrypted: so it is configured, or media keys may not be sent otherwise.
  bool is_secure() const noexcept {
    if (transport) return transport::is_secure(*transport);
    return srtp != SrtpPolicy::Rtp && !allow_sdes_without_tls;
  }
  /// What its next hop is looked for by, RFC 3263 §4.
  next_hop::Wanted wanted() const { return {host, port, transport, is_secure()}; }
  /// A called number as this trunk wants it.
  std::string outgoing_number(std::string_view number, const routing::NumberPlan& plan) const {
    return routing::rewrite(number_rewrite, routing::formatted(number, number_format, plan));
  }
  /// A number that this trunk calls, as it is known here.
  std::string incoming_number(std::string_view number, const routing::NumberPlan& plan) const {
    const std::string rewritten = routing::rewrite(incoming_rewrite, number);
    return incoming_normalised ? routing::normalise(rewritten, plan) : rewritten;
  }
  /// Its URI for a number; empty: its own. SIPS and a transport of the DNS's choice leave the parameter out.
  std::string uri(std::string_view number, bool sips = false) const;
  const std::string& effective_tls_name() const noexcept { return tls_name.empty() ? host : tls_name; }
};

/// Every configured trunk. A value: a reload makes a new table and swaps it in.
class TrunkTable {
 public:
  TrunkTable() = default;
  explicit TrunkTable(std::vector<Trunk> trunks) : trunks_(std::move(trunks)) {}

  const Trunk* find(std::string_view name) const noexcept;

  /// The trunk a request from `source` belongs to: its sources, its literal host, or an address its name resolved to.
  /// Trunks that are known by their certificate are none of these.
  const Trunk* by_source(const common::IpAddress& source) const;

  /// The trunk whose certificate the peer has shown, from where it may call; `peer_is`: whether it has one for a
  /// domain.
  const Trunk* by_certificate(const std::function<bool(std::string_view)>& peer_is,
                              const common::IpAddress& source) const;

  /// The trunk that leads to the registrar of this domain; nullptr: none does.
  const Trunk* registrar_of(std::string_view domain) const noexcept;

  /// True for an address of this very trunk: its sources or its host's.
  bool owns(const Trunk& trunk, const common::IpAddress& address) const;

  /// Takes over what `other` has learnt of trunks that are looked for as before.
  void keep_learnt(const TrunkTable& other);

  /// Reports where a trunk is found now; a source check by name rests on it. Nothing happens if the trunk of this name
  /// is looked for elsewhere by now.
  void learn(const Trunk& trunk, next_hop::Candidates places);

  /// Where requests to this trunk at `source` go: the place learnt there with this transport, else its configured or
  /// usual port.
  common::SocketAddress listening_at(const Trunk& trunk, const common::IpAddress& source, transport::Kind kind) const;

  /// The registered user that an inbound call to `number` is for; nullopt: nobody here.
  std::optional<std::string> inbound_user(const Trunk& trunk, std::string_view number) const;

  const std::vector<Trunk>& all() const noexcept { return trunks_; }

 private:
  bool is_host_address(const Trunk& trunk, const common::IpAddress& source) const;

  struct Learnt {
    std::string trunk;
    next_hop::Wanted wanted;
    next_hop::Candidates places;
  };
  const next_hop::Candidates& places_of(const Trunk& trunk) const;
  bool is_looked_for(std::string_view name, const next_hop::Wanted& wanted) const;
  std::vector<Trunk> trunks_;
  std::vector<Learnt> learnt_;
};

}  // namespace proxy::trunk
