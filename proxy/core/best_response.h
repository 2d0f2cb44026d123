#pragma once

#include <span>
#include <vector>

#include "proxy/sip/message.h"

namespace proxy::core {

/// The response among the failed branches of a fork that goes upstream, RFC 3261 §16.7 step 6: a 6xx, else the lowest
/// class, within 4xx one that lets the caller do better. nullptr: none.
const sip::Message* best_response(std::span<const sip::Message* const> finals);

/// Adds the challenges of the other 401 and 407 to the chosen one, §16.7 step 7.
void merge_challenges(sip::Message& chosen, std::span<const sip::Message* const> finals);

}  // namespace proxy::core
