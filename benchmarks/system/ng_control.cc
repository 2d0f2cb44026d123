#include "benchmarks/system/ng_control.h"

#include <poll.h>

#include <array>
#include <stdexcept>

#include "control-protocol/message/envelope.h"

namespace benchmarks {
namespace {

constexpr int kReplyTimeoutMs = 3000;

}  // namespace

NgControl::NgControl(common::SocketAddress relay) : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
  sockaddr_storage storage;
  const socklen_t length = relay.to_sockaddr(storage);
  if (::connect(socket_.get(), reinterpret_cast<sockaddr*>(&storage), length) != 0) {
    throw std::runtime_error("cannot reach " + relay.to_string());
  }
}

std::string NgControl::ask(const ng::Request& request) {
  const std::string message =
      ng::seal_envelope("bench_" + std::to_string(++last_cookie_), ng::Encoding::Bencode, ng::write_request(request));
  std::array<char, 65536> buffer;
  if (::send(socket_.get(), message.data(), message.size(), 0) < 0) throw std::runtime_error("send failed");
  pollfd readable{socket_.get(), POLLIN, 0};
  if (::poll(&readable, 1, kReplyTimeoutMs) != 1) throw std::runtime_error("the relay did not answer");
  const ssize_t size = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
  if (size <= 0) throw std::runtime_error("the relay is not there");
  const auto envelope = ng::open_envelope({buffer.data(), static_cast<std::size_t>(size)});
  if (!envelope) throw std::runtime_error("unreadable reply");
  auto dictionary = ng::decode(envelope->encoding, envelope->payload);
  if (!dictionary) throw std::runtime_error("unreadable reply");
  const ng::Reply reply = ng::read_reply(std::move(*dictionary));
  if (!reply.succeeded()) throw std::runtime_error("the relay refused: " + reply.error_reason);
  return reply.text("sdp");
}

}  // namespace benchmarks
