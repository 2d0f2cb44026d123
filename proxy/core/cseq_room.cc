#include "proxy/core/cseq_room.h"

#include <string>

#include "common/base/text.h"

namespace proxy::core {
namespace {

/// `rseq cseq method`
void spread_rack(sip::Message& request, unsigned attempt) {
  const std::string* rack = request.find("RAck");
  if (rack == nullptr) return;
  const auto parts = common::split(*rack, ' ');
  const auto number = parts.size() == 3 ? common::parse_number<std::uint32_t>(parts[1]) : std::nullopt;
  if (!number || *number > kMaxSpreadCseq) return;
  request.set("RAck", std::string{parts[0]} + ' ' + std::to_string(*number * kCseqSpread + attempt) + ' ' +
                          std::string{parts[2]});
}

}  // namespace

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
