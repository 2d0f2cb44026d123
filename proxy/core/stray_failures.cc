#include "proxy/core/stray_failures.h"

#include "proxy/sip/name_addr.h"
#include "proxy/sip/via.h"
#include "proxy/transaction/timers.h"

namespace proxy::core {
namespace {

constexpr std::size_t kMost = 10'000;
constexpr common::Duration kRepeats = transaction::kTransactionTimeout;  // timer H

std::string key_of(const sip::Via& via) { return std::string{via.branch()} + ' ' + via.sent_by(); }

/// RFC 3261 §17.1.1.3, but for the Request-URI of the INVITE, which no response tells.
std::optional<sip::Message> ack_of(const sip::Message& failure) {
  const auto to = sip::NameAddr::parse(failure.get("To"));
  const auto cseq = failure.cseq();
  if (!to || !cseq) return std::nullopt;
  sip::Message ack = sip::Message::request("ACK", to->uri.to_string());
  ack.append("Via", failure.get("Via"));
  ack.append("Max-Forwards", "70");
  for (const auto* name : {"From", "To", "Call-ID"}) ack.append(name, failure.get(name));
  ack.append("CSeq", std::to_string(cseq->number) + " ACK");
  return ack;
}

}  // namespace

void StrayFailures::note(const sip::Message& failure, const transport::Flow& flow, common::Instant now) {
  forget_old(now);
  const auto values = failure.all("Via");
  const auto upstream = values.size() > 1 ? sip::Via::parse(values[1]) : std::nullopt;
  auto ack = ack_of(failure);
  if (!upstream || !ack) return;
  const std::string key = key_of(*upstream);
  if (acks_.emplace(key, Ack{std::move(*ack), flow}).second) expiries_.emplace_back(now + kRepeats, key);
}

std::optional<StrayFailures::Ack> StrayFailures::acknowledge(const sip::Message& ack, common::Instant now) {
  forget_old(now);
  const auto via = ack.top_via();
  const auto found = via ? acks_.find(key_of(*via)) : acks_.end();
  if (found == acks_.end()) return std::nullopt;
  return found->second;
}

void StrayFailures::forget_old(common::Instant now) {
  while (!expiries_.empty() && (expiries_.front().first <= now || acks_.size() >= kMost)) {
    acks_.erase(expiries_.front().second);
    expiries_.pop_front();
  }
}

}  // namespace proxy::core
