#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "benchmarks/system/relay_capacity/listener.h"
#include "benchmarks/system/relay_capacity/media_socket.h"
#include "benchmarks/system/relay_capacity/party_sdp.h"
#include "benchmarks/system/relay_capacity/speech.h"
#include "common/crypto/random.h"
#include "common/time/instant.h"
#include "relay/dtls/dtls_transport.h"
#include "relay/srtp/srtp_session.h"

namespace benchmarks {

struct PartyCounters {
  std::uint64_t sent = 0;
  std::uint64_t received = 0;  // RTP that is what the other party sent, as far as can be told
  std::uint64_t wrong = 0;     // fails authentication, is no RTP, or has another content
  PartyCounters& operator+=(const PartyCounters& other) noexcept;
};

/// One end of a call: says its SDP, keeps its keys, sends the speech and looks at what comes back.
class Party {
 public:
  Party(const PartyKind& kind, MediaSocket& socket, const Speech& speech,
        const std::shared_ptr<const relay::dtls::Certificate>& certificate, common::crypto::Random& random);

  /// As caller.
  std::string offer() const { return write_sdp(offer_); }
  /// As callee: takes the relay's offer and answers it. Throws std::runtime_error if the offer is of no use.
  std::string answer(const std::string& offer);
  /// As caller: takes the relay's answer; with DTLS the handshake starts.
  void on_answer(const std::string& answer, common::Instant now);

  /// Keys are there.
  bool ready() const noexcept;
  /// What arrives decodes into `listener`; without one it is compared with what the other party sent.
  void listen(std::unique_ptr<Listener> listener) noexcept { listener_ = std::move(listener); }
  const Listener* listener() const noexcept { return listener_.get(); }

  /// Hands the next packet of speech to the socket.
  void send();
  void on_datagram(relay::packet::PacketBuffer& packet, common::Instant now);
  void on_timeout(common::Instant now);

  const common::SocketAddress& relay() const noexcept { return relay_.rtp; }
  const PartyCounters& counters() const noexcept { return counters_; }
  void reset_counters() noexcept { counters_ = {}; }

 private:
  void take_keys(const relay::srtp::KeyMaterial& local, const relay::srtp::KeyMaterial& remote);
  void drain_dtls();
  void on_rtp(relay::packet::PacketBuffer& packet);

  PartyOffer offer_;
  MediaSocket& socket_;
  const Speech& speech_;
  std::shared_ptr<const relay::dtls::Certificate> certificate_;
  RelaySdp relay_;
  std::optional<relay::dtls::DtlsTransport> dtls_;
  std::optional<relay::srtp::SrtpSession> outbound_;
  std::optional<relay::srtp::SrtpSession> inbound_;
  std::unique_ptr<Listener> listener_;
  std::uint32_t ssrc_;
  std::uint16_t sequence_;
  std::size_t frame_ = 0;
  PartyCounters counters_;
};

}  // namespace benchmarks
