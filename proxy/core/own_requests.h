#pragma once

#include <string>
#include <unordered_map>

#include "proxy/core/own_dialog.h"
#include "proxy/core/services.h"
#include "proxy/core/trunk_credentials.h"

namespace proxy::core {

/// Requests that this proxy sends by itself, each until its final response: BYE to the ends of a call that has nobody
/// left. A trunk that challenges gets its credentials.
class OwnRequests {
 public:
  explicit OwnRequests(Services& services) : services_(services) {}

  /// Ends both ends of a dialog whose media has ended.
  void end_both(const TeardownBlob& dialog);
  /// Acknowledges the 2xx that `dialog.callee` was made of, then ends the dialog if `bye`.
  void end_callee(const TeardownBlob& dialog, bool bye);

  /// True if the client transaction is one of ours.
  bool on_response(transaction::TransactionId client, const sip::Message& response);
  bool on_ended(transaction::TransactionId client);
  std::size_t running() const noexcept { return running_.size(); }

 private:
  struct Running {
    OwnRequest request;
    transaction::Hop hop;
    unsigned attempt = 0;
  };
  void send(OwnRequest request);
  void send(Running running, const TrunkCredentials& credentials);

  Services& services_;
  std::unordered_map<transaction::TransactionId, Running> running_;
};

}  // namespace proxy::core
