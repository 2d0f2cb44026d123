#include "relay/srtp/srtp_session.h"

#include <openssl/evp.h>

#include <catch2/catch.hpp>

#include "common/base/encoding.h"
#include "common/crypto/digest.h"
#include "relay/rtcp/compound_writer.h"
#include "relay/rtp/header_edit.h"
#include "relay/rtp/packet_writer.h"
#include "relay/srtp/key_material.h"

using namespace relay;
using namespace relay::srtp;
using common::Bytes;
using common::hex_decode;
using packet::PacketBuffer;

namespace {

Bytes hex(std::string_view text) { return *hex_decode(text); }

Bytes content(const PacketBuffer& packet) { return {packet.span().begin(), packet.span().end()}; }

PacketBuffer rtp_packet(std::uint16_t sequence, std::uint32_t ssrc = 0xcafebabe, std::size_t size = 160) {
  PacketBuffer packet;
  const Bytes payload(size, 0xab);
  REQUIRE(rtp::write_packet(packet, {.payload_type = 15, .sequence = sequence, .timestamp = 0xdecafbad, .ssrc = {ssrc}},
                            payload));
  return packet;
}

PacketBuffer rtcp_packet() {
  PacketBuffer packet;
  rtcp::CompoundWriter writer(packet);
  REQUIRE(writer.receiver_report({0xcafebabe}, {}));
  REQUIRE(writer.source_description({0xcafebabe}, "someone"));
  return packet;
}

KeyMaterial key_of(Suite suite) {
  common::crypto::SeededRandom random(7);
  return generate_key(suite, random);
}

SrtpSession session(const KeyMaterial& key, Direction direction) {
  auto made = SrtpSession::create(key, direction);
  REQUIRE(made);
  return std::move(*made);
}

Bytes aes_ctr(const Bytes& key, const Bytes& counter, common::ByteSpan plain) {
  Bytes out(plain.size());
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  int size = 0;
  REQUIRE(EVP_EncryptInit_ex(context, EVP_aes_128_ctr(), nullptr, key.data(), counter.data()) == 1);
  REQUIRE(EVP_EncryptUpdate(context, out.data(), &size, plain.data(), static_cast<int>(plain.size())) == 1);
  EVP_CIPHER_CTX_free(context);
  return out;
}

const KeyMaterial kRfc3711Key{Suite::AesCm128HmacSha1_80, hex("e1f97a0d3e018be0d64fa32c06de4139"
                                                              "0ec675ad498afeebb6960b3aabe6")};

/// RFC 3711 §4.1.1 and §4.2, written down a second time, with the session keys of B.3.
Bytes reference_packet(const PacketBuffer& plain, std::uint32_t rollover) {
  const Bytes encryption_key = hex("c61e7a93744f39ee10734afe3ff7a087");
  const Bytes authentication_key = hex("cebe321f6ff7716b6fd4ab49af256a156d38baa4");
  Bytes counter = hex("30cbbc08863d8c85d49db34a9ae10000");
  const auto view = rtp::PacketView::parse(plain.span());
  std::uint8_t mask[16] = {};
  common::store_be32(mask + 4, view->ssrc().value);
  common::store_be32(mask + 8, rollover);
  common::store_be16(mask + 12, view->sequence());
  for (std::size_t i = 0; i < 16; ++i) counter[i] ^= mask[i];
  Bytes out(plain.span().begin(), plain.span().begin() + 12);
  const Bytes encrypted = aes_ctr(encryption_key, counter, view->payload());
  out.insert(out.end(), encrypted.begin(), encrypted.end());
  Bytes authenticated = out;
  for (int shift = 24; shift >= 0; shift -= 8) authenticated.push_back(static_cast<std::uint8_t>(rollover >> shift));
  const auto tag = common::crypto::hmac_sha1(authentication_key, authenticated);
  out.insert(out.end(), tag.begin(), tag.begin() + 10);
  return out;
}

}  // namespace

TEST_CASE("a protected packet is what the session keys of RFC 3711 B.3 make of it", "[srtp][rfc3711]") {
  SrtpSession sender = session(kRfc3711Key, Direction::Outbound);
  PacketBuffer packet = rtp_packet(0x1234);
  const Bytes expected = reference_packet(packet, 0);
  REQUIRE(sender.protect_rtp(packet));
  CHECK(common::hex_encode(packet.span()) == common::hex_encode(expected));
}

TEST_CASE("a short tag leaves the encryption as it is", "[srtp][rfc3711]") {
  KeyMaterial key = kRfc3711Key;
  key.suite = Suite::AesCm128HmacSha1_32;
  SrtpSession sender = session(key, Direction::Outbound);
  PacketBuffer packet = rtp_packet(1);
  Bytes expected = reference_packet(packet, 0);
  expected.erase(expected.end() - 6, expected.end());
  REQUIRE(sender.protect_rtp(packet));
  CHECK(content(packet) == expected);
}

TEST_CASE("the rollover counter follows the wrap of sequence numbers on both sides", "[srtp][rfc3711]") {
  SrtpSession sender = session(kRfc3711Key, Direction::Outbound);
  SrtpSession receiver = session(kRfc3711Key, Direction::Inbound);
  for (std::uint32_t index = 65530; index < 65546; ++index) {
    PacketBuffer packet = rtp_packet(static_cast<std::uint16_t>(index));
    const Bytes plain = content(packet);
    const Bytes expected = reference_packet(packet, index >> 16);
    REQUIRE(sender.protect_rtp(packet));
    CHECK(content(packet) == expected);
    REQUIRE(receiver.unprotect_rtp(packet));
    CHECK(content(packet) == plain);
  }
}

TEST_CASE("every suite carries RTP and RTCP, grows by its tag and refuses tampering and replay", "[srtp]") {
  for (const SuiteFacts& facts : kSuites) {
    CAPTURE(std::string(facts.sdes_name));
    SrtpSession sender = session(key_of(facts.suite), Direction::Outbound);
    SrtpSession receiver = session(key_of(facts.suite), Direction::Inbound);

    PacketBuffer packet = rtp_packet(1);
    const Bytes plain = content(packet);
    REQUIRE(sender.protect_rtp(packet));
    CHECK(packet.size() == plain.size() + facts.tag_length);
    const PacketBuffer wire = packet;
    for (const std::size_t at : {std::size_t{1}, std::size_t{20}, wire.size() - 1}) {
      PacketBuffer forged = wire;
      forged.data()[at] ^= 1;
      CHECK(receiver.unprotect_rtp(forged).error() == SrtpError::AuthenticationFailed);
    }
    REQUIRE(receiver.unprotect_rtp(packet));
    CHECK(content(packet) == plain);
    PacketBuffer again = wire;
    CHECK(receiver.unprotect_rtp(again).error() == SrtpError::Replayed);

    PacketBuffer report = rtcp_packet();
    const Bytes plain_report = content(report);
    REQUIRE(sender.protect_rtcp(report));
    const PacketBuffer report_wire = report;
    PacketBuffer forged_report = report_wire;
    forged_report.data()[10] ^= 1;
    CHECK(receiver.unprotect_rtcp(forged_report).error() == SrtpError::AuthenticationFailed);
    REQUIRE(receiver.unprotect_rtcp(report));
    CHECK(content(report) == plain_report);
    PacketBuffer report_again = report_wire;
    CHECK(receiver.unprotect_rtcp(report_again).error() == SrtpError::Replayed);
  }
}

TEST_CASE("a retransmission is protected again with AES-CM and refused with GCM", "[srtp]") {
  for (const SuiteFacts& facts : kSuites) {
    SrtpSession sender = session(key_of(facts.suite), Direction::Outbound);
    PacketBuffer first = rtp_packet(5);
    PacketBuffer second = rtp_packet(5);
    REQUIRE(sender.protect_rtp(first));
    const auto outcome = sender.protect_rtp(second);
    if (facts.tag_length == 16) {
      CHECK(outcome.error() == SrtpError::Replayed);
    } else {
      REQUIRE(outcome);
      CHECK(content(first) == content(second));
    }
  }
}

TEST_CASE("several sources share a key, but not without end", "[srtp]") {
  SrtpSession sender = session(kRfc3711Key, Direction::Outbound);
  for (std::uint32_t ssrc = 0; ssrc < SrtpSession::kMaxSources; ++ssrc) {
    PacketBuffer packet = rtp_packet(1, ssrc);
    REQUIRE(sender.protect_rtp(packet));
  }
  PacketBuffer one_too_many = rtp_packet(1, 0xffffffff);
  CHECK(sender.protect_rtp(one_too_many).error() == SrtpError::TooManySources);
  PacketBuffer known = rtp_packet(2, 3);
  CHECK(sender.protect_rtp(known));
}

TEST_CASE("the largest datagram can be protected and one without room cannot", "[srtp]") {
  SrtpSession sender = session(key_of(Suite::AeadAes256Gcm), Direction::Outbound);
  PacketBuffer packet = rtp_packet(1, 1, PacketBuffer::kMaxDatagram - 12);
  REQUIRE(sender.protect_rtp(packet));
  PacketBuffer full = rtp_packet(2, 1);
  full.resize(full.size() + full.tailroom() - 10);
  CHECK(sender.protect_rtp(full).error() == SrtpError::NoTailroom);
}

TEST_CASE("what is no packet, and a key of the wrong length, are refused", "[srtp]") {
  CHECK(SrtpSession::create({Suite::AeadAes256Gcm, Bytes(30)}, Direction::Inbound).error() == SrtpError::BadKey);
  SrtpSession receiver = session(kRfc3711Key, Direction::Inbound);
  common::crypto::SeededRandom random(3);
  for (std::size_t size = 0; size < 80; ++size) {
    for (const unsigned first : {0x80U, 0x90U, 0x8fU, 0xbfU, 0x00U}) {
      Bytes bytes = random.bytes(size);
      if (size > 0) bytes[0] = static_cast<std::uint8_t>(first);
      PacketBuffer packet;
      packet.assign(bytes);
      CHECK_FALSE(receiver.unprotect_rtp(packet));
      packet.assign(bytes);
      CHECK_FALSE(receiver.unprotect_rtcp(packet));
    }
  }
}
