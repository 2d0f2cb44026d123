#pragma once

#include "proxy/core/teardown_blob.h"
#include "proxy/transaction/table.h"

namespace proxy::core {

/// What a forwarded request needs of the core that holds it. Implemented by ProxyCore, and by a recorder in tests.
class ForwardingOwner {
 public:
  virtual ~ForwardingOwner() = default;

  /// Responses of `client`, which went out over `hop`, belong to the request of `server` from now on.
  virtual void adopt(transaction::TransactionId client, transaction::TransactionId server,
                     const transaction::Hop& hop) = 0;
  /// Something has changed: its next deadline, or whether it is done.
  virtual void touched(transaction::TransactionId server) = 0;
  /// A callee has answered an INVITE that nobody waits for any more: ACK, and BYE if the dialog is new.
  virtual void hang_up(const TeardownBlob& dialog, bool bye) = 0;
  /// An INVITE of this CSeq number rings or was accepted, on this attempt at a trunk that challenges: its PRACK and ACK
  /// need to know it.
  virtual void note_attempt(const sip::Message& invite, unsigned attempt) = 0;
};

}  // namespace proxy::core
