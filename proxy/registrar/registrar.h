#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/bytes.h"
#include "common/time/instant.h"
#include "proxy/store/location_store.h"
#include "proxy/transport/flow.h"

namespace proxy::registrar {

/// One Contact of a REGISTER.
struct Contact {
  std::string uri;                      // without angle brackets; "*" for all
  std::string user;                     // its user part
  std::string instance;                 // +sip.instance, quotes removed; empty: none
  std::optional<std::uint32_t> reg_id;  // RFC 5626 §4.2.1
  std::optional<std::uint32_t> expires;
  std::uint16_t q_thousandths = 1000;
  std::string other_params;  // further contact parameters to repeat, each with its `;`
};

/// A REGISTER whose sender is authenticated and may bind `aor`.
struct RegisterRequest {
  std::string aor;  // canonical: `sip:alice@example.org`
  std::string call_id;
  std::uint32_t cseq = 0;
  std::vector<Contact> contacts;
  std::optional<std::uint32_t> expires;  // header field
  std::vector<std::string> path;         // values, topmost first
  bool supports_path = false;
  bool supports_outbound = false;
  bool first_hop = true;       // no other proxy in between: exactly one Via (RFC 5626 §6)
  bool edge_outbound = false;  // the proxy next to the user agent keeps flows: `ob` in the last Path value
  std::string user_agent;
  transport::Flow flow;
};

/// What to answer; `headers` besides those every response has.
struct RegisterReply {
  int status = 200;
  std::string reason = "OK";
  std::vector<std::pair<std::string, std::string>> headers;
};

/// Registrar of RFC 3261 §10.3 with Path (RFC 3327) and Outbound (RFC 5626). Sans-IO but for its store's completions.
class Registrar {
 public:
  struct Settings {
    std::uint32_t min_expires = 60;    // seconds
    std::uint32_t max_expires = 3600;  // longer wishes are shortened
    std::uint32_t default_expires = 600;
    std::size_t max_bindings_per_aor = 10;
    std::uint32_t flow_timer = 120;  // seconds between keep-alives that we promise to miss no sooner, RFC 5626 §4.4
    std::string tenant;              // part of every flow id
  };
  struct Counters {
    std::uint64_t accepted = 0;   // 2xx with at least one binding changed or queried
    std::uint64_t too_brief = 0;  // 423
    std::uint64_t rejected = 0;   // any other failure
    std::uint64_t dropped_with_connection = 0;
  };

  using Done = std::function<void(RegisterReply)>;

  /// `store` outlives the registrar.
  Registrar(Settings settings, store::LocationStore& store);

  /// Changes all bindings of the request or none. `now` for expiry, `date` for the response's Date.
  void on_register(RegisterRequest request, common::Instant now, common::WallTime date, Done done);

  /// A connection is gone: its bindings go with it unless they have moved to another connection meanwhile.
  void on_connection_closed(const std::vector<store::Binding>& bindings);

  /// Digest of tenant, address-of-record and instance with reg-id, or the Contact's user where a client sends neither:
  /// the name of a flow that survives reconnecting to another node. It leaves this proxy only inside sealed cookies, so
  /// it needs no key, and calls outlive a change of keys. A Contact user that merely repeats the account's
  /// name tells two phones apart only together with the rest of the Contact.
  std::string flow_id(const std::string& aor, const Contact& contact) const;

  const Counters& counters() const noexcept { return counters_; }

 private:
  struct Pending;
  void attempt(std::shared_ptr<Pending> pending, int tries_left);
  void commit(const std::shared_ptr<Pending>& pending, std::uint64_t revision,
              const std::vector<store::Binding>& bindings, bool outbound, int tries_left);
  void answer_with(const Pending& pending, const std::vector<store::Binding>& bindings, bool outbound);
  void answer(const Pending& pending, RegisterReply reply);

  Settings settings_;
  store::LocationStore& store_;
  Counters counters_;
};

}  // namespace proxy::registrar
