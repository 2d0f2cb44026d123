#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/base/result.h"
#include "proxy/transport/flow.h"

/// The nodes of a pair speak with each other: who is there, and whose socket sends what.
namespace proxy::cluster {

/// The first message of both ends.
struct Hello {
  std::uint8_t version = 1;
  transport::ProcessId process;
  std::string name;
  friend bool operator==(const Hello&, const Hello&) = default;
};
/// A sign of life, with the listeners whose address this node holds now.
struct Beat {
  std::vector<transport::ListenerId> held;
  friend bool operator==(const Beat&, const Beat&) = default;
};
/// Send these bytes over a flow of yours. `key` as in transport::Sender.
struct SendOnFlow {
  transport::Flow flow;
  std::uint64_t key = 0;
  std::string bytes;
  friend bool operator==(const SendOnFlow&, const SendOnFlow&) = default;
};
/// Send these bytes from the address of a listener that you hold.
struct SendTo {
  transport::Destination destination;
  std::uint64_t key = 0;
  std::string bytes;
  friend bool operator==(const SendTo&, const SendTo&) = default;
};
/// What you had me send could not be sent.
struct NotSent {
  std::uint64_t key = 0;
  transport::SendError error = transport::SendError::ConnectionGone;
  friend bool operator==(const NotSent&, const NotSent&) = default;
};
/// A response to a request of yours came in here.
struct HandOver {
  transport::Flow flow;
  std::string bytes;
  friend bool operator==(const HandOver&, const HandOver&) = default;
};
using LinkMessage = std::variant<Hello, Beat, SendOnFlow, SendTo, NotSent, HandOver>;

/// With its length in front: 4 bytes of length, 1 of kind, the body; big-endian.
std::string to_wire(const LinkMessage& message);

enum class LinkError : std::uint8_t { TooLong, Malformed };

/// Cuts a stream into messages.
class LinkReader {
 public:
  void feed(std::string_view bytes) { buffer_.append(bytes); }
  /// nullopt: feed more. After an error the stream is worthless. Kinds of a later release are passed over.
  [[nodiscard]] common::Result<std::optional<LinkMessage>, LinkError> next();

 private:
  std::string buffer_;
  std::size_t read_ = 0;
};

}  // namespace proxy::cluster
