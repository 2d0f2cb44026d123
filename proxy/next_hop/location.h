#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/net/address.h"
#include "proxy/dns/records.h"
#include "proxy/transport/flow.h"

/// Finding the next hop, RFC 3263 §4: from a host as somebody configured or wrote it to the addresses to try, in order.
namespace proxy::next_hop {

/// What is known of the next hop.
struct Wanted {
  std::string host;                          // address or name
  std::uint16_t port = 0;                    // 0: not given
  std::optional<transport::Kind> transport;  // nullopt: the DNS decides
  bool secure = false;                       // encrypted hops alone, as SIPS wants
  friend bool operator==(const Wanted&, const Wanted&) = default;
};

/// One place where the next hop is found.
struct Candidate {
  transport::Kind kind = transport::Kind::Udp;
  common::SocketAddress remote;
  std::string host;  // the name that led to the address: an SRV target or the host itself
  friend bool operator==(const Candidate&, const Candidate&) = default;
};
using Candidates = std::vector<Candidate>;

struct Question {
  enum class Type : std::uint8_t { Naptr, Srv, Address };
  Type type = Type::Address;
  std::string name;
  friend bool operator==(const Question&, const Question&) = default;
};

using Reply =
    std::variant<dns::Outcome<dns::NaptrRecords>, dns::Outcome<dns::SrvRecords>, dns::Outcome<dns::Addresses>>;

/// Asks and is told, never waits: take_questions(), on_reply() for each in any order, until is_done().
/// NAPTR is asked for where neither port nor transport is given, SRV where no port is; the numeric case asks nothing.
/// A name that has no such records is looked up by address; a server that fails is no proof that they are missing, so
/// then the way over them is closed.
class Location {
 public:
  /// `ours`: the transports with a listener, the preferred ones first. `seed`: of the weighted choices; the same call
  /// brings the same one to every node.
  Location(Wanted wanted, std::vector<transport::Kind> ours, std::uint64_t seed);

  std::vector<Question> take_questions();
  void on_reply(const Question& question, const Reply& reply);
  bool is_done() const noexcept { return open_ == 0; }

  /// Once done: at least one place, in the order to try. NotFound: nothing there speaks what we do.
  dns::Outcome<Candidates> candidates() const;
  /// What was asked and found, in words, for an administrator.
  const std::vector<std::string>& steps() const noexcept { return steps_; }

 private:
  /// A place in the final order, as far as it is known.
  struct Place {
    transport::Kind kind = transport::Kind::Udp;
    std::uint16_t port = 0;
    std::string host;
    std::optional<std::string> service;  // the SRV name that will say more
  };

  bool speaks(transport::Kind kind) const noexcept;
  transport::Kind default_kind() const noexcept;
  void start();
  void ask(Question::Type type, std::string name);
  void ask_service(transport::Kind kind, std::string name);
  void ask_address(transport::Kind kind, std::uint16_t port, std::string host);
  void guess_services();
  void on_naptr(const dns::Outcome<dns::NaptrRecords>& records);
  void on_srv(const std::string& name, const dns::Outcome<dns::SrvRecords>& records);
  void on_addresses(const std::string& name, const dns::Outcome<dns::Addresses>& addresses);
  void fall_back_to_address();
  void note(const Question& question, const std::string& found);

  Wanted wanted_;
  std::vector<transport::Kind> ours_;
  std::uint64_t seed_;
  std::vector<Place> places_;
  std::map<std::string, dns::Addresses> addresses_;  // of each host, in order
  std::vector<Question> questions_;                  // not yet taken
  std::vector<Question> asked_;                      // each once
  std::size_t open_ = 0;
  bool services_are_guessed_ = false;  // SRV names of our own making, so that their absence means little
  std::optional<dns::DnsError> error_;
  std::vector<std::string> steps_;
};

}  // namespace proxy::next_hop
