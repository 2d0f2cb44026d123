#pragma once

#include <functional>
#include <optional>
#include <string>

#include "common/base/result.h"
#include "proxy/core/request_context.h"
#include "proxy/core/services.h"
#include "proxy/core/via_cookie.h"
#include "proxy/media/exchange.h"

namespace proxy::core {

/// Takes the descriptions of one request and its responses through the relay. Knows the two parties, not the state of
/// the transaction.
class MediaExchange {
 public:
  /// The SDP to send on, or why there is none. May be told before the call returns.
  using Outcome = common::Result<std::string, media::Refusal>;
  using Done = std::function<void(const Outcome&)>;

  MediaExchange(const RequestContext& context, Services& services) : context_(context), services_(services) {}

  /// The SDP of the request on its way to `target`.
  void offer(media::RelayIndex relay, const Target& target, const std::string& via_branch, Done done) const;

  /// The SDP of a response: the answer if the request had an offer, else the offer of a callee.
  void describe(media::RelayIndex relay, const Target& target, const std::string& via_branch,
                const sip::Message& response, const common::IpAddress& source,
                const std::optional<std::string>& teardown_blob, Done done) const;

  /// The SDP of an ACK: the answer to the offer in the 2xx, RFC 3264 §4 and RFC 3261 §13.2.1.
  void complete(media::RelayIndex relay, const Target& target, Done done) const;

  /// The branch has failed, or the offer inside a dialog.
  void discard(media::RelayIndex relay, const std::string& via_branch) const;

 private:
  media::Party sender_party() const;

  const RequestContext& context_;
  Services& services_;
};

/// The SDP of a response whose transaction is not here: all that is known of it stands in the Via cookie.
/// `via_branch`: ours.
void describe_stray(Services& services, const ViaCookie& cookie, std::string_view via_branch,
                    const sip::Message& response, const common::IpAddress& source, MediaExchange::Done done);

/// The dialog that this request belongs to has ended.
void end_media(const RequestContext& context, Services& services);
/// The dialog that this request has opened with the callee of `to_tag` has ended.
void end_media(const RequestContext& context, media::RelayIndex relay, const std::string& to_tag, Services& services);

/// A peer of a dialog as the relay treats it.
media::Party party_of(const Peer& peer, const trunk::TrunkTable& trunks);

}  // namespace proxy::core
