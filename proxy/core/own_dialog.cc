#include "proxy/core/own_dialog.h"

#include <algorithm>

#include "proxy/core/route_set.h"
#include "proxy/sip/name_addr.h"

namespace proxy::core {
namespace {

constexpr std::size_t kBranchBytes = 16;

std::string contact_uri(const sip::Message& message) {
  const std::string* contact = message.find("Contact");
  const auto address = contact != nullptr ? sip::NameAddr::parse(*contact) : std::nullopt;
  return address ? address->uri.to_string() : std::string{};
}

}  // namespace

sip::Message make_own_request(const OwnRequest& own, const transaction::Hop& hop, Services& services) {
  const Listener& listener = services.listeners.at(egress_of(hop));
  sip::Message message = sip::Message::request(own.method, own.to.target);
  sip::Via via;
  via.transport = via_transport(kind_of(hop));
  via.host = listener.advertised.ip.to_uri_host();
  via.port = listener.advertised.port.value;
  via.params.set("branch", std::string{sip::kMagicCookie} + services.random.hex(kBranchBytes));
  via.params.set("rport");
  message.append("Via", via.to_string());
  for (const std::string& route : own.to.route_set) message.append("Route", route);
  message.append("Max-Forwards", "70");
  message.append("From", own.from);
  message.append("To", own.to.party);
  message.append("Call-ID", own.call_id);
  message.append("CSeq", std::to_string(own.to.last_cseq) + ' ' + own.method);
  return message;
}

TeardownEnd callee_end(const sip::Message& response, const Peer& callee, std::string_view cookie) {
  TeardownEnd end;
  end.peer = callee;
  end.party = response.get("To");
  end.target = contact_uri(response);
  end.route_set = cookie.empty() ? response.all("Record-Route") : split_record_routes(response, cookie).above;
  std::ranges::reverse(end.route_set);
  if (const auto cseq = response.cseq()) end.last_cseq = cseq->number;
  return end;
}

TeardownEnd caller_end(const sip::Message& invite, const Peer& caller) {
  TeardownEnd end;
  end.peer = caller;
  end.party = invite.get("From");
  end.target = contact_uri(invite);
  end.route_set = invite.all("Record-Route");
  return end;
}

}  // namespace proxy::core
