#include "proxy/core/cseq_room.h"

#include <string>

#include "common/base/text.h"

namespace proxy::core {
namespace {

void spread_rack(sip::Message& request, unsigned attempt) {
  const auto number = acknowledged_cseq(request);
  if (!number || *number > kMaxSpreadCseq) return;
  const std::string rack{request.get("RAck")};
  const auto parts = common::split(rack, ' ');
  request.set("RAck", std::string{parts[0]} + ' ' + std::to_string(*number * kCseqSpread + attempt) + ' ' +
                          std::string{parts[2]});
}

}  // namespace

/// `rseq cseq method`
std::optional<std::uint32_t> acknowledged_cseq(const sip::Message& request) {
  const std::string_view rack = request.get("RAck");
  const auto parts = common::split(rack, ' ');
  return parts.size() == 3 ? common::parse_number<std::uint32_t>(parts[1]) : std::nullopt;
}

bool spread_cseq(sip::Message& request, unsigned attempt, unsigned invite_attempt) {
  const auto cseq = request.cseq();
  if (!cseq || cseq->number > kMaxSpreadCseq) return false;
  request.set_cseq(cseq->number * kCseqSpread + attempt);
  spread_rack(request, invite_attempt);
  return true;
}

void join_cseq(sip::Message& response) {
  if (const auto cseq = response.cseq()) response.set_cseq(cseq->number / kCseqSpread);
}

}  // namespace proxy::core
