#include "benchmarks/system/relay_capacity/party_sdp.h"

#include <stdexcept>

#include "benchmarks/system/relay_capacity/speech.h"
#include "relay/sdp/session_description.h"

namespace benchmarks {
namespace {

std::string_view protocol_of(Protection protection) {
  switch (protection) {
    case Protection::Plain:
      return "RTP/AVP";
    case Protection::Sdes:
      return "RTP/SAVP";
    case Protection::Dtls:
      return "UDP/TLS/RTP/SAVP";
  }
  return {};
}

std::string codec_lines(Codec codec) {
  if (codec == Codec::Pcmu) return "a=rtpmap:0 PCMU/8000\r\n";
  return "a=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10;useinbandfec=1\r\n";
}

[[noreturn]] void fail(const std::string& what, const std::string& sdp) {
  throw std::runtime_error("the relay's SDP " + what + ":\n" + sdp);
}

std::optional<std::string_view> attribute(const relay::sdp::Description& sdp, std::string_view name) {
  const auto of_media = sdp.media.front().lines.attribute(name);
  return of_media ? of_media : sdp.session.attribute(name);
}

}  // namespace

std::string write_sdp(const PartyOffer& offer) {
  const std::string ip = offer.rtp.ip.to_string();
  std::string sdp = "v=0\r\no=- 1 1 IN IP4 " + ip + "\r\ns=-\r\nc=IN IP4 " + ip + "\r\nt=0 0\r\n";
  sdp += "m=audio " + std::to_string(offer.rtp.port.value) + ' ' + std::string(protocol_of(offer.kind.protection)) +
         ' ' + std::to_string(payload_type_of(offer.kind.codec)) + "\r\n";
  sdp += codec_lines(offer.kind.codec) + "a=ptime:20\r\na=sendrecv\r\n";
  if (offer.crypto) sdp += "a=crypto:" + relay::sdp::write_crypto(*offer.crypto) + "\r\n";
  if (offer.fingerprint) {
    sdp += "a=setup:actpass\r\na=fingerprint:" + relay::dtls::format_fingerprint(*offer.fingerprint) + "\r\n";
  }
  return sdp;
}

RelaySdp read_sdp(const std::string& text, const PartyKind& kind) {
  const auto sdp = relay::sdp::parse(text);
  if (!sdp || sdp->media.size() != 1 || sdp->media.front().port == 0) fail("has no audio", text);
  const relay::sdp::Media& audio = sdp->media.front();
  const auto connection = audio.lines.first('c') ? audio.lines.first('c') : sdp->session.first('c');
  const auto ip = connection ? relay::sdp::read_connection(*connection) : std::nullopt;
  if (!ip) fail("has no address", text);
  RelaySdp relay;
  relay.rtp = {*ip, {audio.port}};
  if (kind.protection == Protection::Sdes) {
    for (const auto value : audio.lines.attributes("crypto")) {
      auto crypto = relay::sdp::read_crypto(value);
      if (crypto && crypto->key.suite == kind.suite && !relay.crypto) relay.crypto = std::move(crypto);
    }
    if (!relay.crypto) fail("names no key of the suite wanted", text);
  }
  if (kind.protection == Protection::Dtls) {
    const auto fingerprint = attribute(*sdp, "fingerprint");
    if (fingerprint) relay.fingerprint = relay::dtls::parse_fingerprint(*fingerprint);
    if (!relay.fingerprint) fail("has no fingerprint", text);
    if (attribute(*sdp, "setup") == "active") relay.role = relay::dtls::Role::Passive;
  }
  return relay;
}

}  // namespace benchmarks
