#include "relay/negotiation/exchange.h"

#include "common/base/invariant.h"
#include "common/base/text.h"
#include "relay/dtls/certificate.h"

using namespace relay;
using namespace relay::negotiation;

namespace {

constexpr std::string_view kSeparator = "\n--\n";

std::shared_ptr<const dtls::Certificate> certificate() {
  static const auto shared = [] {
    common::crypto::SystemRandom random;
    return dtls::Certificate::make(random, common::WallTime{std::chrono::hours{490'000}});
  }();
  return shared;
}

/// The text up to the separator, which is dropped.
std::string_view take_part(std::string_view& text) {
  const auto at = text.find(kSeparator);
  const auto part = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + kSeparator.size());
  return part;
}

class Relay {
 public:
  /// An offer if `from` is the caller, else an answer. What comes out is SDP, and can be planned.
  void exchange(bool offer, std::string_view flags, std::string_view sdp) {
    const auto description = sdp::parse(sdp);
    const auto request = ng::read_request(
        {{"command", "offer"}, {"call-id", "c"}, {"from-tag", "f"}, {"sdp", "x"}, {"rtpp-flags", flags}});
    if (!description || !request) return;
    const auto result = offer ? relay_offer(*description, *request, caller_, callee_, environment_)
                              : relay_answer(*description, *request, callee_, caller_, environment_);
    if (!result) {
      INVARIANT(!result.error().reason.empty(), "a refusal has words");
      return;
    }
    const auto written = sdp::parse(*result);
    INVARIANT(written && written->media.size() == description->media.size(), "the other party gets every medium");
    for (const Side* side : {&caller_, &callee_}) plan_legs(*side, environment_);
    for (const auto& path : plan_paths(caller_, callee_)) INVARIANT(path.from != path.to, "a path has two ends");
    for (const auto& path : plan_paths(callee_, caller_)) INVARIANT(path.from != path.to, "on the way back too");
  }

 private:
  common::Result<std::shared_ptr<PortPair>, PortError> open() {
    if (ports_left_-- == 0) return common::Err{PortError::Exhausted};
    const auto ip = common::IpAddress::v4({192, 0, 2, 10});
    const common::SocketAddress address{ip, common::Port{next_port_}};
    next_port_ = static_cast<std::uint16_t>(next_port_ + 2);
    return std::make_shared<PortPair>(address, ip, common::Fd{}, common::Fd{}, nullptr);
  }

  common::crypto::SeededRandom random_{1};
  std::uint32_t last_leg_ = 0;
  std::uint16_t next_port_ = 30000;
  int ports_left_ = 100;
  Environment environment_{random_, certificate(), false, [this] { return session::LegId{++last_leg_}; },
                           [this](std::string_view, std::optional<common::IpAddress::Family>) { return open(); }};
  Side caller_{"from", {}};
  Side callee_{"to", {}};
};

}  // namespace

/// Flags and SDP of an offer, flags and SDP of its answer, and so on for later exchanges; `--` on a line of its own
/// stands between two parts.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text = common::as_text({data, size});
  Relay relay;
  for (int exchanges = 0; !text.empty() && exchanges < 8; ++exchanges) {
    const auto flags = take_part(text);
    relay.exchange(exchanges % 2 == 0, flags, take_part(text));
  }
  return 0;
}
