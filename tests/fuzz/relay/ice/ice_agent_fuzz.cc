#include "relay/ice/candidate_text.h"
#include "relay/ice/ice_agent.h"

namespace {

using namespace relay::ice;

Plan plan_of(bool lite, bool controlling) {
  const auto at = [](const char* address) { return common::SocketAddress::parse(address).value(); };
  Plan plan;
  plan.lite = lite;
  plan.controlling = controlling;
  plan.tie_breaker = 7;
  plan.local = {"aaaa", "VOkJxbRl1RmTxUk/WvJxBt"};
  plan.remote = Credentials{"bbbb", "VOkJxbRl1RmTxUk/WvJxBt"};
  plan.local_candidates = {{"1", Component::Rtp, 2130706431, at("192.0.2.1:1000"), CandidateType::Host}};
  plan.remote_candidates = {{"1", Component::Rtp, 2130706431, at("192.0.2.2:2000"), CandidateType::Host}};
  return plan;
}

}  // namespace

/// First byte: kind of agent. Then datagrams, each preceded by one byte of source and two of length; time passes
/// between them.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  common::ByteReader reader({data, size});
  const std::uint8_t kind = reader.u8();
  common::crypto::SeededRandom random(1);  // transaction ids a corpus file can answer
  common::Instant now{std::chrono::seconds{1}};
  IceAgent agent(plan_of((kind & 1) != 0, (kind & 2) != 0), random, now);
  while (reader.remaining() > 3) {
    const common::SocketAddress source{common::IpAddress::v4({192, 0, 2, reader.u8()}), {2000}};
    const std::size_t length = reader.u16();
    agent.on_timeout(now);
    agent.on_datagram(reader.bytes(std::min(length, reader.remaining())), Component::Rtp, source, now);
    while (agent.poll_output()) {
    }
    now += std::chrono::milliseconds{200};
  }
  return 0;
}
