#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/base/strong.h"
#include "common/time/instant.h"
#include "proxy/transport/flow.h"

namespace proxy::store {

/// Orders bindings by arrival, unique within a store; a newer binding of the same flow id has a higher one.
using Generation = common::Strong<struct GenerationTag, std::uint64_t>;

/// Where one contact of an address-of-record can be reached, RFC 3261 §10.2 and RFC 5626 §6.
struct Binding {
  std::string contact;         // URI as registered, without angle brackets
  std::string contact_params;  // contact header parameters to repeat in the response (`;+sip.instance=…`), may be empty
  std::string instance;        // +sip.instance without quotes; empty: none
  std::uint32_t reg_id = 0;    // 0: no outbound registration
  std::uint16_t q_thousandths = 1000;  // RFC 3261 §20.10
  std::string call_id;
  std::uint32_t cseq = 0;
  std::string flow_id;            // 16 characters, stable for this contact: see pair flow ids
  std::vector<std::string> path;  // Path values in order, RFC 3327; become the Route of requests to this contact
  std::string user_agent;
  transport::Flow flow;  // the way the REGISTER came in
  common::Instant expires_at;
  Generation generation;
};

}  // namespace proxy::store
