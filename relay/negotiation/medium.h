#pragma once

#include "control-protocol/message/request.h"
#include "relay/negotiation/side.h"

/// Steps that offer and answer share.
namespace relay::negotiation {

/// New ICE credentials if there are none yet, or if `restart`; true if they are new: then the roles are chosen anew
/// too.
bool renew_ice(LocalMedia& local, common::crypto::Random& random, bool restart);

/// Takes in what a party says of its medium: address as far as it may be trusted, latch policy, ICE restart.
void take_remote(LocalMedia& local, RemoteMedia remote, const ng::Request& request, common::crypto::Random& random);

}  // namespace relay::negotiation
