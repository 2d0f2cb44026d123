#include "proxy/cluster/link_message.h"

#include "common/base/bytes.h"
#include "common/base/overload.h"

namespace proxy::cluster {
namespace {

using transport::Destination;
using transport::Flow;

enum class Kind : std::uint8_t { Hello = 1, Beat, SendOnFlow, SendTo, NotSent, HandOver };

constexpr std::size_t kHeader = 4;
constexpr std::size_t kMaxMessage = 2 << 20;
constexpr std::size_t kCompactFrom = 64 << 10;
constexpr std::uint8_t kLastKind = static_cast<std::uint8_t>(transport::Kind::Wss);
constexpr std::uint8_t kLastError = static_cast<std::uint8_t>(transport::SendError::TlsIdentity);

void write_text(common::ByteWriter& writer, std::string_view text) {
  writer.u32(static_cast<std::uint32_t>(text.size())).text(text);
}
std::string read_text(common::ByteReader& reader) {
  const std::uint32_t size = reader.u32();
  return std::string{common::as_text(reader.bytes(size))};
}

void write_address(common::ByteWriter& writer, const common::SocketAddress& address) {
  writer.u8(address.ip.is_v4() ? 4 : 16).bytes(address.ip.octets()).u16(address.port.value);
}
std::optional<common::SocketAddress> read_address(common::ByteReader& reader) {
  const std::uint8_t size = reader.u8();
  if (size != 4 && size != 16) return std::nullopt;
  const common::ByteSpan octets = reader.bytes(size);
  const common::Port port{reader.u16()};
  if (!reader.ok()) return std::nullopt;
  if (size == 4)
    return common::SocketAddress{common::IpAddress::v4({octets[0], octets[1], octets[2], octets[3]}), port};
  std::array<std::uint8_t, 16> v6{};
  std::copy(octets.begin(), octets.end(), v6.begin());
  return common::SocketAddress{common::IpAddress::v6(v6), port};
}

void write_flow(common::ByteWriter& writer, const Flow& flow) {
  writer.u8(static_cast<std::uint8_t>(flow.kind)).u16(flow.listener.value).u64(flow.connection.value);
  writer.u32(flow.process.value);
  write_address(writer, flow.local);
  write_address(writer, flow.remote);
}
std::optional<Flow> read_flow(common::ByteReader& reader) {
  Flow flow;
  const std::uint8_t kind = reader.u8();
  if (kind > kLastKind) return std::nullopt;
  flow.kind = static_cast<transport::Kind>(kind);
  flow.listener = {reader.u16()};
  flow.connection = {reader.u64()};
  flow.process = {reader.u32()};
  const auto local = read_address(reader);
  const auto remote = read_address(reader);
  if (!local || !remote) return std::nullopt;
  flow.local = *local;
  flow.remote = *remote;
  return flow;
}

Kind write_body(common::ByteWriter& writer, const LinkMessage& message) {
  return std::visit(common::Overload{[&](const Hello& hello) {
                                       writer.u8(hello.version).u32(hello.process.value);
                                       write_text(writer, hello.name);
                                       return Kind::Hello;
                                     },
                                     [&](const Beat& beat) {
                                       writer.u16(static_cast<std::uint16_t>(beat.held.size()));
                                       for (const auto listener : beat.held) writer.u16(listener.value);
                                       return Kind::Beat;
                                     },
                                     [&](const SendOnFlow& send) {
                                       write_flow(writer, send.flow);
                                       writer.u64(send.key);
                                       write_text(writer, send.bytes);
                                       return Kind::SendOnFlow;
                                     },
                                     [&](const SendTo& send) {
                                       writer.u8(static_cast<std::uint8_t>(send.destination.kind));
                                       writer.u16(send.destination.listener.value);
                                       write_address(writer, send.destination.remote);
                                       write_text(writer, send.destination.tls_name);
                                       writer.u64(send.key);
                                       write_text(writer, send.bytes);
                                       return Kind::SendTo;
                                     },
                                     [&](const NotSent& failure) {
                                       writer.u64(failure.key).u8(static_cast<std::uint8_t>(failure.error));
                                       return Kind::NotSent;
                                     },
                                     [&](const HandOver& response) {
                                       write_flow(writer, response.flow);
                                       write_text(writer, response.bytes);
                                       return Kind::HandOver;
                                     }},
                    message);
}

std::optional<LinkMessage> read_beat(common::ByteReader& reader) {
  Beat beat;
  const std::uint16_t count = reader.u16();
  for (std::uint16_t i = 0; i < count && reader.ok(); ++i) beat.held.push_back({reader.u16()});
  return beat;
}

std::optional<LinkMessage> read_send_on_flow(common::ByteReader& reader) {
  const auto flow = read_flow(reader);
  if (!flow) return std::nullopt;
  const std::uint64_t key = reader.u64();
  return SendOnFlow{*flow, key, read_text(reader)};
}

std::optional<LinkMessage> read_send_to(common::ByteReader& reader) {
  SendTo send;
  const std::uint8_t kind = reader.u8();
  if (kind > kLastKind) return std::nullopt;
  send.destination.kind = static_cast<transport::Kind>(kind);
  send.destination.listener = {reader.u16()};
  const auto remote = read_address(reader);
  if (!remote) return std::nullopt;
  send.destination.remote = *remote;
  send.destination.tls_name = read_text(reader);
  send.key = reader.u64();
  send.bytes = read_text(reader);
  return send;
}

std::optional<LinkMessage> read_not_sent(common::ByteReader& reader) {
  const std::uint64_t key = reader.u64();
  const std::uint8_t error = reader.u8();
  if (error > kLastError) return std::nullopt;
  return NotSent{key, static_cast<transport::SendError>(error)};
}

std::optional<LinkMessage> read_body(Kind kind, common::ByteReader& reader) {
  switch (kind) {
    case Kind::Hello: {
      const std::uint8_t version = reader.u8();
      const transport::ProcessId process{reader.u32()};
      return Hello{version, process, read_text(reader)};
    }
    case Kind::Beat:
      return read_beat(reader);
    case Kind::SendOnFlow:
      return read_send_on_flow(reader);
    case Kind::SendTo:
      return read_send_to(reader);
    case Kind::NotSent:
      return read_not_sent(reader);
    case Kind::HandOver: {
      const auto flow = read_flow(reader);
      if (!flow) return std::nullopt;
      return HandOver{*flow, read_text(reader)};
    }
  }
  return std::nullopt;
}

}  // namespace

std::string to_wire(const LinkMessage& message) {
  common::ByteWriter body;
  const Kind kind = write_body(body, message);
  common::ByteWriter frame;
  frame.u32(static_cast<std::uint32_t>(body.view().size() + 1)).u8(static_cast<std::uint8_t>(kind)).bytes(body.view());
  return std::string{common::as_text(frame.view())};
}

common::Result<std::optional<LinkMessage>, LinkError> LinkReader::next() {
  while (true) {
    common::ByteReader reader{common::as_bytes(std::string_view{buffer_}.substr(read_))};
    const std::uint32_t size = reader.u32();
    if (!reader.ok()) break;
    if (size > kMaxMessage) return common::Err{LinkError::TooLong};
    if (size == 0) return common::Err{LinkError::Malformed};
    if (reader.remaining() < size) break;
    common::ByteReader body{reader.bytes(size)};
    const std::uint8_t kind = body.u8();
    read_ += kHeader + size;
    if (kind < static_cast<std::uint8_t>(Kind::Hello)) return common::Err{LinkError::Malformed};
    if (kind > static_cast<std::uint8_t>(Kind::HandOver)) continue;
    auto message = read_body(static_cast<Kind>(kind), body);
    if (!message || !body.ok()) return common::Err{LinkError::Malformed};
    return message;
  }
  if (read_ == buffer_.size() || read_ >= kCompactFrom) {
    buffer_.erase(0, read_);
    read_ = 0;
  }
  return std::nullopt;
}

}  // namespace proxy::cluster
