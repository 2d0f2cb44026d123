#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "proxy/transaction/table.h"

namespace tests {

inline proxy::transport::Flow udp_flow(std::string_view remote = "192.0.2.1:5060") {
  proxy::transport::Flow flow;
  flow.local = *common::SocketAddress::parse("198.51.100.1:5060");
  flow.remote = *common::SocketAddress::parse(remote);
  return flow;
}

inline proxy::transport::Flow wss_flow() {
  auto flow = udp_flow("203.0.113.9:40000");
  flow.kind = proxy::transport::Kind::Wss;
  flow.connection = {77};
  return flow;
}

inline proxy::transport::Destination udp_destination(std::string_view remote = "203.0.113.5:5060") {
  proxy::transport::Destination destination;
  destination.remote = *common::SocketAddress::parse(remote);
  return destination;
}

/// What a transaction table has said, sorted by kind.
struct TableSaid {
  std::vector<proxy::transaction::event::Transmit> transmits;
  std::vector<proxy::transaction::event::Request> requests;
  std::vector<proxy::transaction::event::Cancel> cancels;
  std::vector<proxy::transaction::event::Ack> acks;
  std::vector<proxy::transaction::event::Response> responses;
  std::vector<proxy::transaction::event::Stray> strays;
  std::vector<proxy::transaction::event::Undelivered> undelivered;
  std::vector<proxy::transaction::event::Ended> ended;

  void take(proxy::transaction::event::Transmit e) { transmits.push_back(std::move(e)); }
  void take(proxy::transaction::event::Request e) { requests.push_back(std::move(e)); }
  void take(proxy::transaction::event::Cancel e) { cancels.push_back(std::move(e)); }
  void take(proxy::transaction::event::Ack e) { acks.push_back(std::move(e)); }
  void take(proxy::transaction::event::Response e) { responses.push_back(std::move(e)); }
  void take(proxy::transaction::event::Stray e) { strays.push_back(std::move(e)); }
  void take(proxy::transaction::event::Undelivered e) { undelivered.push_back(e); }
  void take(proxy::transaction::event::Ended e) { ended.push_back(e); }
};

inline TableSaid drain(proxy::transaction::Table& table) {
  TableSaid said;
  while (auto event = table.poll_event()) {
    std::visit([&](auto& e) { said.take(std::move(e)); }, *event);
  }
  return said;
}

inline proxy::sip::Message parsed(const proxy::transaction::event::Transmit& transmit) {
  return proxy::sip::Message::parse(transmit.bytes).value();
}

}  // namespace tests
