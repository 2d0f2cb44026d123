#pragma once

#include <array>
#include <string_view>

#include "proxy/core/request_context.h"
#include "proxy/core/services.h"

/// What is asked about a request before it is forwarded, RFC 3261 §16.3 to §16.5: one question a stage, one file each.
namespace proxy::stage {

using core::ContextPtr;
using core::Services;
using core::Verdict;

Verdict check_hops(const ContextPtr& context, Services& services);
Verdict check_extensions(const ContextPtr& context, Services& services);
Verdict check_session(const ContextPtr& context, Services& services);
Verdict follow_dialog(const ContextPtr& context, Services& services);
Verdict find_way(const ContextPtr& context, Services& services);
Verdict identify(const ContextPtr& context, Services& services);
Verdict answer_for_us(const ContextPtr& context, Services& services);
Verdict pass_edge(const ContextPtr& context, Services& services);
Verdict register_user(const ContextPtr& context, Services& services);
Verdict authenticate(const ContextPtr& context, Services& services);
Verdict recognise_flow(const ContextPtr& context, Services& services);
Verdict find_user(const ContextPtr& context, Services& services);
Verdict find_trunks(const ContextPtr& context, Services& services);
Verdict keep_secure(const ContextPtr& context, Services& services);
Verdict check_breadth(const ContextPtr& context, Services& services);

/// Looks the trunks of a decision up; their places become targets of `context`, RFC 3263. Tells on_targets, or resumes
/// where nobody waits for them.
void search_trunks(const ContextPtr& context, Services& services, routing::Decision decision);

struct Stage {
  std::string_view name;  // in logs and metrics
  Verdict (*run)(const ContextPtr&, Services&);
};

/// A request walks through them in this order until one rejects, answers or finds targets for it.
inline constexpr std::array kStages{
    Stage{"hops", check_hops},              // Max-Forwards, loops
    Stage{"extensions", check_extensions},  // Proxy-Require
    Stage{"session", check_session},        // Session-Expires
    Stage{"dialog", follow_dialog},         // inside a dialog: its cookie, and whether the sender may use it
    Stage{"way", find_way},                 // inside a dialog: the way to the other end
    Stage{"identify", identify},            // trunk, or somebody over this flow
    Stage{"edge", pass_edge},               // between a registrar behind us and its user agents
    Stage{"register", register_user},       // REGISTER
    Stage{"authenticate", authenticate},    // who is not a trunk proves to be a user
    Stage{"us", answer_for_us},             // OPTIONS to the proxy itself
    Stage{"flow", recognise_flow},          // the caller's registered flow
    Stage{"user", find_user},               // somebody registered here
    Stage{"trunks", find_trunks},           // a number outside
    Stage{"secure", keep_secure},           // of those found, the encrypted ones for SIPS
    Stage{"breadth", check_breadth},        // Max-Breadth
};

}  // namespace proxy::stage
