#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/crypto/random.h"
#include "common/net/address.h"
#include "common/time/instant.h"
#include "relay/dtls/dtls_transport.h"
#include "relay/ice/ice_agent.h"
#include "relay/negotiation/remote_media.h"
#include "relay/srtp/srtp_session.h"

/// A party of a call with real ICE, DTLS and SRTP of its own: bytes and time in, datagrams out.
namespace tests {

struct Route {
  common::SocketAddress from;
  common::SocketAddress to;
};

struct HeardRtp {
  std::uint8_t payload_type = 0;
  bool marker = false;
  std::uint16_t sequence = 0;
  std::uint32_t timestamp = 0;
  std::uint32_t ssrc = 0;
  common::Bytes payload;
  common::Instant at{};
};

/// One party of a call, on one RTP and one RTCP address.
class Party {
 public:
  struct Traits {
    std::string tag;
    common::SocketAddress rtp;
    std::string formats = "0 101";
    std::string codecs = "a=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\n";
    bool dtls = false;
    bool ice = false;
    bool rtcp_mux = false;
    std::optional<relay::srtp::Suite> sdes{};
    bool opportunistic = false;  // RFC 8643: the keys stand under RTP/AVP
    std::string protocol{};      // of its m-line, if not the one that its keys ask for
  };

  Party(Traits traits, common::crypto::Random& random, std::shared_ptr<const relay::dtls::Certificate> certificate);

  std::string offer() { return describe(true); }
  std::string answer() { return describe(false); }
  std::string direction = "sendrecv";
  std::string extra;  // more attribute lines
  /// What the relay said for the other side.
  void take(const std::string& sdp, common::Instant now);

  /// Sends one RTP packet (protected as agreed) once it knows how and where to; false before.
  bool send(std::uint8_t payload_type, std::uint32_t timestamp, common::ByteSpan payload, common::Instant now,
            bool marker = false);
  void send_rtcp(common::ByteSpan compound, common::Instant now);

  void on_datagram(const common::SocketAddress& at, const common::SocketAddress& from, common::ByteSpan datagram,
                   common::Instant now);
  void on_timeout(common::Instant now);
  std::optional<common::Instant> next_timeout() const;

  bool owns(const common::SocketAddress& address) const { return address == traits.rtp || address == rtcp(); }
  bool ready() const;
  common::SocketAddress rtcp() const {
    return {traits.rtp.ip, common::Port{static_cast<std::uint16_t>(traits.rtp.port.value + 1)}};
  }

  Traits traits;
  std::uint32_t ssrc = 0;
  std::uint16_t next_sequence = 0;
  bool silent = false;  // receives nothing and says nothing: killed
  bool dtls_closed = false;
  std::optional<relay::dtls::Failed::Why> dtls_failure;
  std::vector<HeardRtp> heard;
  std::vector<common::Bytes> heard_rtcp;
  std::vector<std::uint32_t> goodbyes;
  unsigned unreadable = 0;  // did not authenticate, or was no RTP
  std::deque<std::pair<Route, common::Bytes>> outbox;
  relay::negotiation::RemoteMedia remote;

 private:
  std::string describe(bool offering);
  void collect(common::Instant now);
  void post(const common::SocketAddress& from, const common::SocketAddress& to, common::Bytes bytes);
  void hear(common::ByteSpan datagram, common::Instant now);
  void hear_rtcp(common::ByteSpan datagram);
  std::optional<common::SocketAddress> destination() const;

  common::crypto::Random& random_;
  std::shared_ptr<const relay::dtls::Certificate> certificate_;
  relay::ice::Credentials credentials_;
  bool offered_ = false;
  std::optional<relay::ice::IceAgent> agent_;
  std::optional<relay::dtls::DtlsTransport> dtls_;
  std::optional<common::SocketAddress> dtls_remote_;
  std::optional<relay::srtp::KeyMaterial> sdes_key_;
  std::optional<relay::srtp::SrtpSession> outbound_;
  std::optional<relay::srtp::SrtpSession> inbound_;
};

}  // namespace tests
