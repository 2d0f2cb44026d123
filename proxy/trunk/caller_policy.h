#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "proxy/routing/number.h"
#include "proxy/routing/pattern.h"

namespace proxy::trunk {

/// As whom callers appear towards a trunk.
struct CallerPolicy {
  enum class Show : std::uint8_t { Caller, Number, Anonymous };
  enum class Identity : std::uint8_t { Pass, None, Asserted, RemoteParty };  // RFC 3325, or the older Remote-Party-ID

  Show show = Show::Caller;
  std::string number;                     // of Show::Number, and of callers whose own is not allowed
  std::vector<routing::Pattern> allowed;  // own numbers that may be shown, in E.164 form; empty: all
  Identity identity = Identity::Pass;
  bool anonymise = true;  // From is anonymous where the caller wants privacy; else only Privacy says so
  routing::NumberFormat format = routing::NumberFormat::AsIs;
};

/// Who calls, in the numbers (or names) used here.
struct CallerNumbers {
  std::string own;
  std::string preferred;  // the caller asks to appear by it (P-Preferred-Identity); empty: nothing
};

/// The number that a trunk with this policy sees, in its format; empty: none, the caller is anonymous. A preferred
/// number counts only where `allowed` names it.
std::string shown_number(const CallerPolicy& policy, const CallerNumbers& caller, const routing::NumberPlan& plan);

}  // namespace proxy::trunk
