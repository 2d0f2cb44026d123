#include <algorithm>
#include <memory>

#include "common/log/log.h"
#include "proxy/core/hop.h"
#include "proxy/sip/name_addr.h"
#include "proxy/stage/stages.h"

namespace proxy::stage {
namespace {

constexpr double kHashRange = 4294967296.0;

/// Looks all trunks of a decision up at once. The request goes on as soon as the first of them has a place; the places
/// of the others follow, in the order of the decision. Behind them all come places whose health admits no call now,
/// those on the way back first: a bad chance is better than none.
class TrunkSearch : public std::enable_shared_from_this<TrunkSearch> {
 public:
  TrunkSearch(ContextPtr context, Services& services, routing::Decision decision)
      : context_(std::move(context)), services_(services), decision_(std::move(decision)) {}

  void start() {
    for (const std::string& name : decision_.trunks) {
      const trunk::Trunk* trunk = services_.administration.trunks.find(name);
      if (trunk != nullptr) findings_.push_back({*trunk});
    }
    context_->more_targets = true;
    const std::uint64_t seed = services_.keys.hash_of(context_->request.call_id());
    for (std::size_t i = 0; i < findings_.size(); ++i) {
      next_hop::Wanted wanted = findings_[i].trunk.wanted();
      wanted.secure = wanted.secure || is_sips();
      services_.locate(std::move(wanted), seed,
                       [self = shared_from_this(), i](const auto& places) { self->on_located(i, places); });
    }
    publish();
  }

 private:
  struct Finding {
    trunk::Trunk trunk;
    bool is_located = false;
    std::vector<core::Target> targets = {};
    std::vector<core::Target> ramping = {};  // not admitted now
    std::vector<core::Target> down = {};
  };
  using Targets = std::vector<core::Target> Finding::*;

  bool is_sips() const { return sip::is_sips(context_->request.request_uri()); }

  void on_located(std::size_t index, const dns::Outcome<next_hop::Candidates>& places) {
    Finding& finding = findings_[index];
    finding.is_located = true;
    if (places) {
      services_.trunk_health.watch(finding.trunk, *places, services_.now());
      for (const next_hop::Candidate& place : *places) add(finding, place);
    } else {
      common::log::warn("trunk.not_found", {{"trunk", finding.trunk.name}, {"host", finding.trunk.host}});
    }
    publish();
  }

  void add(Finding& finding, const next_hop::Candidate& place) {
    const auto egress = services_.listeners.find(place.kind, place.remote.ip.family(), context_->flow.listener);
    if (!egress) return;
    core::Target target;
    const auto& plan = services_.administration.router.plan();
    target.request_uri = context_->is_at_edge
                             ? context_->request.request_uri()
                             : finding.trunk.uri(finding.trunk.outgoing_number(decision_.number, plan), is_sips());
    target.peer = core::peer_of(finding.trunk, place.kind, place.remote, *egress);
    target.hop = core::hop_to(finding.trunk, place.kind, place.remote, *egress);
    target.trunk = finding.trunk;
    const trunk::Place where{finding.trunk.name, place.kind, place.remote};
    const double draw = services_.keys.hash_of(context_->request.call_id()) / kHashRange;
    using State = trunk::PlaceHealth::State;
    if (services_.trunk_health.admits(where, draw, services_.now())) {
      finding.targets.push_back(std::move(target));
    } else if (services_.trunk_health.state(where, services_.now()) == State::Ramping) {
      finding.ramping.push_back(std::move(target));
    } else if (!services_.trunk_health.wants_rest(where, services_.now())) {
      finding.down.push_back(std::move(target));
    }
  }

  void hand_over(Finding& finding, Targets targets) {
    for (core::Target& target : finding.*targets) context_->targets.push_back({std::move(target)});
  }

  /// Hands over what is known, up to the first trunk that is still looked for.
  void publish() {
    if (!context_->more_targets) return;
    for (; published_ < findings_.size() && findings_[published_].is_located; ++published_) {
      hand_over(findings_[published_], &Finding::targets);
    }
    context_->more_targets = published_ < findings_.size();
    if (!context_->more_targets) {
      for (const Targets spare : {&Finding::ramping, &Finding::down}) {
        for (Finding& finding : findings_) hand_over(finding, spare);
      }
    }
    if (const auto tell = context_->on_targets) return tell();
    if (is_resumed_ || (context_->targets.empty() && context_->more_targets)) return;
    is_resumed_ = true;
    if (!context_->targets.empty()) return context_->resume(core::Continue{});
    context_->resume(core::Reject{503, "No Trunk Reachable", {{"Retry-After", "10"}}});
  }

  ContextPtr context_;
  Services& services_;
  routing::Decision decision_;
  std::vector<Finding> findings_;
  std::size_t published_ = 0;
  bool is_resumed_ = false;
};

}  // namespace

Verdict find_trunks(const ContextPtr& context, Services& services) {
  if (!context->targets.empty()) return core::Continue{};
  const auto uri = sip::Uri::parse(context->request.request_uri());
  if (!uri) return core::Reject{400, "Unreadable Request-URI"};
  const std::string number = uri->plain_user();
  auto decision = services.administration.router.decide(
      {number, uri->host, context->user, services.keys.hash_of(context->request.call_id())});
  if (!decision) return core::Reject{404, "Not Found"};
  context->media = decision->media;
  context->rule = decision->rule;
  search_trunks(context, services, std::move(*decision));
  return core::Suspend{};
}

void search_trunks(const ContextPtr& context, Services& services, routing::Decision decision) {
  std::make_shared<TrunkSearch>(context, services, std::move(decision))->start();
}

}  // namespace proxy::stage
