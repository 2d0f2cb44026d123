#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/net/address.h"

namespace proxy::transport {

/// What a load balancer wrote in front of a connection.
struct ProxyHeader {
  /// Who connected to the balancer; nullopt: the balancer itself (LOCAL, a health check), or by something that has no
  /// address and port.
  std::optional<common::SocketAddress> source;
};

enum class ProxyHeaderError : std::uint8_t {
  NotOne,    // another signature or version
  Malformed  // an unknown command, addresses or extensions (TLV) that do not fit, or longer than kLongest
};

/// Reads a header of the PROXY protocol, version 2, and not a byte behind it. Version 1 is text that could be anybody's
/// and is not spoken here.
class ProxyHeaderReader {
 public:
  static constexpr std::size_t kLongest = 2048;  // with extensions; balancers send some hundred bytes

  /// Bytes that are missing at least; 0: the header is whole.
  std::size_t wanted() const noexcept { return size_ - have_; }
  /// No more than wanted(). nullopt: not whole yet. After an error nothing else may be pushed.
  [[nodiscard]] common::Result<std::optional<ProxyHeader>, ProxyHeaderError> push(common::ByteSpan bytes);

 private:
  static constexpr std::size_t kFixed = 16;  // signature, version and command, family, length

  std::array<std::uint8_t, kLongest> bytes_{};
  std::size_t have_ = 0;
  std::size_t size_ = kFixed;
};

}  // namespace proxy::transport
