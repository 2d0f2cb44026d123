#pragma once

#include <vector>

#include "common/crypto/random.h"
#include "control-protocol/flags/flags.h"
#include "relay/sdp/attributes.h"

namespace relay::negotiation {

/// The suites that the flags leave, in our order of preference.
std::vector<srtp::Suite> allowed_suites(const ng::Sdes& flags);

/// One a=crypto per allowed suite. Keys of `current` (an earlier offer) are kept, so that a repeated offer changes
/// none.
std::vector<sdp::Crypto> cryptos_to_offer(const ng::Sdes& flags, const std::vector<sdp::Crypto>& current,
                                          common::crypto::Random& random);

/// Our answer to offered ones: the peer's first suite that we allow, under its tag, with a key of ours (that of
/// `current` if it fits). Empty: none is acceptable.
std::vector<sdp::Crypto> crypto_to_answer(const std::vector<sdp::Crypto>& offered, const ng::Sdes& flags,
                                          const std::vector<sdp::Crypto>& current, common::crypto::Random& random);

}  // namespace relay::negotiation
