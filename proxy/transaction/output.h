#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "proxy/sip/message.h"

/// Transactions of RFC 3261 §17 with RFC 6026, as machines without sockets or clocks.
namespace proxy::transaction {

/// Hand to the transport, towards this transaction's peer.
struct Send {
  std::string bytes;
};

/// Hand to the proxy core. Client transactions only.
struct Deliver {
  sip::Message response;
};

/// A response could not be sent. The transaction lives on (RFC 6026 §7.1): repeats and CANCEL still find it.
struct Undelivered {};

/// The last thing a machine says. A client transaction that ends without having delivered a final response stands for
/// a 408 (Timeout) or 503 (TransportError), RFC 3261 §16.9.
struct Ended {
  enum class Why : std::uint8_t { Completed, Timeout, TransportError };
  Why why = Why::Completed;
};

using Output = std::variant<Send, Deliver, Undelivered, Ended>;

/// First in, first out; empty most of its life, so it holds no memory then.
template <class T>
class OutputQueue {
 public:
  template <class Item>
  void push(Item&& item) {
    items_.emplace_back(std::forward<Item>(item));
  }

  std::optional<T> pop() {
    if (head_ == items_.size()) return std::nullopt;
    std::optional<T> item{std::move(items_[head_++])};
    if (head_ == items_.size()) {
      items_.clear();
      head_ = 0;
    }
    return item;
  }

 private:
  std::vector<T> items_;
  std::size_t head_ = 0;
};

}  // namespace proxy::transaction
