#include "proxy/media/exchange.h"

#include "common/base/text.h"

namespace proxy::media {
namespace {

ng::Request make(ng::Command command, const Dialog& dialog) {
  ng::Request request;
  request.command = command;
  request.call_id = dialog.call_id;
  request.from_tag = dialog.offerer_tag;
  request.to_tag = dialog.answerer_tag;
  request.via_branch = dialog.via_branch;
  return request;
}

ng::Request make(ng::Command command, const Dialog& dialog, const Description& description, ng::Flags flags) {
  ng::Request request = make(command, dialog);
  request.sdp = description.sdp;
  request.received_from = description.source;
  request.flags = std::move(flags);
  request.supports = {"load limit"};
  return request;
}

}  // namespace

ng::Request make_offer(const Dialog& dialog, const Description& description, ng::Flags flags) {
  return make(ng::Command::Offer, dialog, description, std::move(flags));
}

ng::Request make_answer(const Dialog& dialog, const Description& description, ng::Flags flags) {
  return make(ng::Command::Answer, dialog, description, std::move(flags));
}

ng::Request make_delete(const Dialog& dialog) {
  ng::Request request = make(ng::Command::Delete, dialog);
  request.delete_delay = std::chrono::seconds{0};  // rtpengine would hold the ports for half a minute
  return request;
}

std::optional<common::IpAddress> connection_address(std::string_view sdp) {
  while (!sdp.empty()) {
    std::string_view line = common::trim(common::take_until(sdp, '\n'));
    if (!line.starts_with("c=IN IP")) continue;
    line.remove_prefix(std::string_view{"c=IN IP4 "}.size() <= line.size() ? 9 : line.size());
    return common::IpAddress::parse(common::take_until(line, '/'));
  }
  return std::nullopt;
}

bool is_encrypted(std::string_view sdp) {
  bool in_clear = false;  // the section being read
  while (!sdp.empty()) {
    const std::string_view line = common::trim(common::take_until(sdp, '\n'));
    if (line.starts_with("a=crypto:")) in_clear = false;
    if (!line.starts_with("m=")) continue;
    if (in_clear) return false;
    const auto fields = common::split(line.substr(2), ' ');  // media, port, protocol, formats
    const bool is_used = fields.size() > 2 && fields[1] != "0";
    in_clear = is_used && fields[2].find("SAVP") == std::string_view::npos &&
               fields[2].find("TLS") == std::string_view::npos;  // also DTLS: data channels
  }
  return !in_clear;
}

bool is_behind_nat(const Description& description, core::Leg leg) {
  if (leg != core::Leg::Phone) return false;
  const auto named = connection_address(description.sdp);
  return named && named->is_private() && *named != description.source;
}

Refusal refusal_of(ng::ClientError error) {
  return {503, error == ng::ClientError::Deadline ? "Media Relay Silent" : "Media Relay Unreachable", true};
}

Refusal refusal_of(const ng::Reply& reply) {
  const bool full = reply.outcome == ng::Outcome::LoadLimit || reply.error_reason == ng::kSessionLimitReached ||
                    reply.error_reason == ng::kRanOutOfPorts;
  if (full) return {503, "Media Relay Full", true};
  return {488, "Not Acceptable Here", false};
}

}  // namespace proxy::media
