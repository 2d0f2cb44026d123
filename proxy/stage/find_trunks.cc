#include <memory>

#include "common/log/log.h"
#include "proxy/core/hop.h"
#include "proxy/sip/name_addr.h"
#include "proxy/stage/stages.h"

namespace proxy::stage {
namespace {

std::string request_uri(const trunk::Trunk& trunk, const std::string& number, bool sips) {
  const auto literal = common::IpAddress::parse(trunk.host);
  std::string uri = sips ? "sips:" : "sip:";
  uri.append(sip::escape_user(number)).append("@").append(literal ? literal->to_uri_host() : trunk.host);
  if (trunk.port != 0) uri.append(":").append(std::to_string(trunk.port));
  if (sips) return uri;
  if (const auto transport = core::uri_transport(trunk.transport); !transport.empty()) {
    uri.append(";transport=").append(transport);
  }
  return uri;
}

/// Looks the trunks of a decision up, one after the other, and makes a group of every address.
class TrunkLookup : public std::enable_shared_from_this<TrunkLookup> {
 public:
  TrunkLookup(ContextPtr context, Services& services, routing::Decision decision)
      : context_(std::move(context)), services_(services), decision_(std::move(decision)) {}

  void next() {
    if (at_ == decision_.trunks.size()) return finish();
    const trunk::Trunk* trunk = services_.administration.trunks.find(decision_.trunks[at_++]);
    if (trunk == nullptr) return next();
    services_.lookup(trunk->host, [self = shared_from_this(), trunk = *trunk](const auto& addresses) {
      self->add(trunk, addresses);
      self->next();
    });
  }

 private:
  void add(const trunk::Trunk& trunk, const common::Result<dns::Addresses, dns::DnsError>& addresses) {
    if (!addresses) {
      common::log::warn("trunk.not_found", {{"trunk", trunk.name}, {"host", trunk.host}});
      return;
    }
    services_.administration.trunks.learn_addresses(trunk.name, *addresses);
    for (const common::IpAddress& ip : *addresses) {
      const auto egress = services_.listeners.find(trunk.transport, ip.family());
      if (!egress) continue;
      const common::SocketAddress remote{ip, {trunk.effective_port()}};
      core::Target target;
      target.request_uri = request_uri(trunk, decision_.number, sip::is_sips(context_->request.request_uri()));
      target.peer = core::peer_of(trunk, remote, *egress);
      target.hop = core::hop_to(trunk, remote, *egress);
      target.trunk = trunk;
      context_->targets.push_back({std::move(target)});
    }
  }

  void finish() {
    if (context_->targets.empty()) {
      return context_->resume(core::Reject{503, "No Trunk Reachable", {{"Retry-After", "10"}}});
    }
    context_->resume(core::Continue{});
  }

  ContextPtr context_;
  Services& services_;
  routing::Decision decision_;
  std::size_t at_ = 0;
};

}  // namespace

Verdict find_trunks(const ContextPtr& context, Services& services) {
  if (!context->targets.empty()) return core::Continue{};
  const auto uri = sip::Uri::parse(context->request.request_uri());
  if (!uri) return core::Reject{400, "Unreadable Request-URI"};
  const std::string number = uri->plain_user();
  auto decision = services.administration.router.decide({number, uri->host, context->user});
  if (!decision) return core::Reject{404, "Not Found"};
  context->media = decision->media;
  context->rule = decision->rule;
  std::make_shared<TrunkLookup>(context, services, std::move(*decision))->next();
  return core::Suspend{};
}

}  // namespace proxy::stage
