#include "proxy/next_hop/location.h"

#include <catch2/catch.hpp>
#include <map>

using namespace proxy;
using namespace proxy::next_hop;
using dns::DnsError;
using transport::Kind;

namespace {

common::IpAddress ip(const char* text) { return *common::IpAddress::parse(text); }

/// A name space that answers at once; what it does not hold is NotFound, `failing` names fail.
struct Zone {
  std::map<std::string, dns::NaptrRecords> naptr;
  std::map<std::string, dns::SrvRecords> srv;
  std::map<std::string, dns::Addresses> hosts;
  std::vector<std::string> failing;
  std::vector<std::string> asked;
  bool last_first = false;  // answers in the other order

  template <class Records>
  dns::Outcome<Records> look(const std::map<std::string, Records>& names, const std::string& name) const {
    if (std::ranges::find(failing, name) != failing.end()) return common::Err{DnsError::Timeout};
    const auto found = names.find(name);
    if (found == names.end()) return common::Err{DnsError::NotFound};
    return found->second;
  }

  dns::Outcome<Candidates> locate(Wanted wanted, std::vector<Kind> ours = {Kind::Tls, Kind::Tcp, Kind::Udp}) {
    asked.clear();
    Location location{std::move(wanted), std::move(ours), 1};
    while (!location.is_done()) {
      auto questions = location.take_questions();
      REQUIRE_FALSE(questions.empty());
      if (last_first) std::ranges::reverse(questions);
      for (const Question& question : questions) {
        asked.push_back(question.name);
        if (question.type == Question::Type::Naptr)
          location.on_reply(question, look(naptr, question.name));
        else if (question.type == Question::Type::Srv)
          location.on_reply(question, look(srv, question.name));
        else
          location.on_reply(question, look(hosts, question.name));
      }
    }
    return location.candidates();
  }
};

Candidate at(Kind kind, const char* address, std::uint16_t port, const char* host) {
  return {kind, {ip(address), {port}}, host};
}

}  // namespace

TEST_CASE("a literal address is the place itself and the DNS is not asked", "[next_hop]") {
  Zone zone;
  CHECK(zone.locate({"192.0.2.9", 0, {}, false}) == Candidates{at(Kind::Udp, "192.0.2.9", 5060, "192.0.2.9")});
  CHECK(zone.locate({"2001:db8::9", 0, Kind::Tls, false}) ==
        Candidates{at(Kind::Tls, "2001:db8::9", 5061, "2001:db8::9")});
  CHECK(zone.locate({"192.0.2.9", 5070, {}, true}) == Candidates{at(Kind::Tls, "192.0.2.9", 5070, "192.0.2.9")});
  CHECK(zone.asked.empty());
}

TEST_CASE("with a port only addresses are looked up", "[next_hop]") {
  Zone zone;
  zone.hosts["gw.example"] = {ip("192.0.2.1")};
  zone.srv["_sip._udp.gw.example"] = {{1, 1, 9, "wrong.example"}};
  CHECK(zone.locate({"GW.example", 5080, {}, false}) == Candidates{at(Kind::Udp, "192.0.2.1", 5080, "gw.example")});
  CHECK(zone.asked == std::vector<std::string>{"gw.example"});
}

TEST_CASE("with a transport SRV decides on hosts and ports, all of them in order", "[next_hop]") {
  Zone zone;
  zone.srv["_sip._tcp.carrier.example"] = {{20, 0, 5062, "b.example"}, {10, 0, 5061, "a.example"}};
  zone.hosts["a.example"] = {ip("192.0.2.1"), ip("2001:db8::1")};
  zone.hosts["b.example"] = {ip("192.0.2.2")};
  const Candidates expected{at(Kind::Tcp, "192.0.2.1", 5061, "a.example"),
                            at(Kind::Tcp, "2001:db8::1", 5061, "a.example"),
                            at(Kind::Tcp, "192.0.2.2", 5062, "b.example")};
  CHECK(zone.locate({"carrier.example", 0, Kind::Tcp, false}) == expected);
  zone.last_first = true;
  CHECK(zone.locate({"carrier.example", 0, Kind::Tcp, false}) == expected);
}

TEST_CASE("without SRV records the host itself is called at the transport's port", "[next_hop]") {
  Zone zone;
  zone.hosts["gw.example"] = {ip("192.0.2.1")};
  CHECK(zone.locate({"gw.example", 0, Kind::Tls, false}) == Candidates{at(Kind::Tls, "192.0.2.1", 5061, "gw.example")});
  CHECK(zone.locate({"gw.example", 0, {}, false}) == Candidates{at(Kind::Udp, "192.0.2.1", 5060, "gw.example")});
  CHECK(zone.locate({"gw.example", 0, {}, true}) == Candidates{at(Kind::Tls, "192.0.2.1", 5061, "gw.example")});
}

TEST_CASE("NAPTR chooses the transport among ours, and the others follow", "[next_hop]") {
  Zone zone;  // RFC 3263 §4.1
  zone.naptr["example.com"] = {{50, 50, "s", "sips+d2t", "", "_sips._tcp.example.com"},
                               {90, 50, "s", "sip+d2t", "", "_sip._tcp.example.com"},
                               {100, 50, "s", "sip+d2u", "", "_sip._udp.example.com"},
                               {10, 50, "s", "sip+d2s", "", "_sip._sctp.example.com"},
                               {10, 50, "u", "e2u+sip", "!.*!sip:x!", ""}};
  zone.srv["_sips._tcp.example.com"] = {{0, 1, 5061, "s1.example.com"}};
  zone.srv["_sip._tcp.example.com"] = {{0, 1, 5060, "s1.example.com"}};
  zone.srv["_sip._udp.example.com"] = {{0, 1, 5060, "s2.example.com"}};
  zone.hosts["s1.example.com"] = {ip("192.0.2.1")};
  zone.hosts["s2.example.com"] = {ip("192.0.2.2")};
  for (const bool reversed : {false, true}) {
    zone.last_first = reversed;
    CHECK(zone.locate({"example.com", 0, {}, false}) == Candidates{at(Kind::Tls, "192.0.2.1", 5061, "s1.example.com"),
                                                                   at(Kind::Tcp, "192.0.2.1", 5060, "s1.example.com"),
                                                                   at(Kind::Udp, "192.0.2.2", 5060, "s2.example.com")});
  }
  CHECK(zone.locate({"example.com", 0, {}, false}, {Kind::Udp}) ==
        Candidates{at(Kind::Udp, "192.0.2.2", 5060, "s2.example.com")});
  CHECK(zone.locate({"example.com", 0, {}, true}) == Candidates{at(Kind::Tls, "192.0.2.1", 5061, "s1.example.com")});
}

TEST_CASE("without NAPTR each of our transports is asked for by SRV, in our order", "[next_hop]") {
  Zone zone;
  zone.srv["_sip._udp.example.com"] = {{0, 1, 5070, "u.example.com"}};
  zone.srv["_sip._tcp.example.com"] = {{0, 1, 5071, "t.example.com"}};
  zone.hosts["u.example.com"] = {ip("192.0.2.1")};
  zone.hosts["t.example.com"] = {ip("192.0.2.2")};
  zone.hosts["example.com"] = {ip("192.0.2.3")};
  CHECK(zone.locate({"example.com", 0, {}, false}) == Candidates{at(Kind::Tcp, "192.0.2.2", 5071, "t.example.com"),
                                                                 at(Kind::Udp, "192.0.2.1", 5070, "u.example.com")});
}

TEST_CASE("NAPTR records about other things than SIP are no NAPTR records", "[next_hop]") {
  Zone zone;
  zone.naptr["example.com"] = {{10, 50, "u", "e2u+sip", "!.*!sip:x!", ""},
                               {10, 50, "s", "aaa+d2t", "", "_aaa.example.com"}};
  zone.srv["_sip._udp.example.com"] = {{0, 1, 5070, "u.example.com"}};
  zone.hosts["u.example.com"] = {ip("192.0.2.1")};
  CHECK(zone.locate({"example.com", 0, {}, false}) == Candidates{at(Kind::Udp, "192.0.2.1", 5070, "u.example.com")});
  zone.naptr["example.com"].push_back({10, 50, "s", "sip+d2s", "", "_sip._sctp.example.com"});
  CHECK(zone.locate({"example.com", 0, {}, false}).error() == DnsError::NotFound);
}

TEST_CASE("two transports may share their SRV records", "[next_hop]") {
  Zone zone;
  zone.naptr["example.com"] = {{10, 50, "s", "sip+d2t", "", "_sip.example.com"},
                               {20, 50, "s", "sip+d2u", "", "_sip.example.com"}};
  zone.srv["_sip.example.com"] = {{0, 1, 5070, "h.example.com"}};
  zone.hosts["h.example.com"] = {ip("192.0.2.1")};
  CHECK(zone.locate({"example.com", 0, {}, false}) == Candidates{at(Kind::Tcp, "192.0.2.1", 5070, "h.example.com"),
                                                                 at(Kind::Udp, "192.0.2.1", 5070, "h.example.com")});
}

TEST_CASE("a service that is decidedly not there is not looked for elsewhere", "[next_hop]") {
  Zone zone;
  zone.srv["_sip._udp.example.com"] = {{0, 0, 0, ""}};
  zone.hosts["example.com"] = {ip("192.0.2.3")};
  CHECK(zone.locate({"example.com", 0, Kind::Udp, false}).error() == DnsError::NotFound);
}

TEST_CASE("a server that fails is no proof that there are no records", "[next_hop]") {
  Zone zone;
  zone.hosts["example.com"] = {ip("192.0.2.3")};
  zone.failing = {"_sip._udp.example.com"};
  CHECK(zone.locate({"example.com", 0, Kind::Udp, false}).error() == DnsError::Timeout);
  zone.failing = {"example.com"};
  CHECK(zone.locate({"example.com", 0, {}, false}).error() == DnsError::Timeout);
}

TEST_CASE("one dead target does not hide the others", "[next_hop]") {
  Zone zone;
  zone.srv["_sip._udp.example.com"] = {{10, 0, 5060, "a.example.com"}, {20, 0, 5060, "b.example.com"}};
  zone.hosts["b.example.com"] = {ip("192.0.2.2")};
  zone.failing = {"a.example.com"};
  CHECK(zone.locate({"example.com", 0, Kind::Udp, false}) ==
        Candidates{at(Kind::Udp, "192.0.2.2", 5060, "b.example.com")});
}

TEST_CASE("a transport that we do not speak leads nowhere", "[next_hop]") {
  Zone zone;
  zone.hosts["example.com"] = {ip("192.0.2.3")};
  CHECK(zone.locate({"example.com", 0, Kind::Tls, false}, {Kind::Udp}).error() == DnsError::NotFound);
  CHECK(zone.locate({"example.com", 0, Kind::Udp, true}).error() == DnsError::NotFound);
  CHECK(zone.locate({"192.0.2.1", 0, Kind::Wss, false}).error() == DnsError::NotFound);
  CHECK(zone.locate({"example.com", 0, Kind::Wss, false}, {Kind::Wss}).error() == DnsError::NotFound);
}

TEST_CASE("an endless zone is cut", "[next_hop]") {
  Zone zone;
  for (std::uint16_t i = 0; i < 500; ++i) {
    const std::string host = "h" + std::to_string(i) + ".example.com";
    zone.srv["_sip._udp.example.com"].push_back({i, 1, 5060, host});
    zone.hosts[host] = {ip("192.0.2.1")};
  }
  CHECK(zone.locate({"example.com", 0, Kind::Udp, false})->size() == 1);
  CHECK(zone.asked.size() <= 33);
}
