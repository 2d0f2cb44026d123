#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "common/event/loop.h"
#include "proxy/cluster/links.h"
#include "proxy/transport/flow.h"

namespace proxy::cluster {

/// Sends from where the way out is: over the own sockets, or over those of the node that has the connection or holds
/// the service address. A message passes from one node to another at most once.
class Switch final : public transport::Sender {
 public:
  struct Events {
    std::function<void(std::uint64_t key, transport::SendError error)> on_send_failed;
    /// A response that another node took for us.
    std::function<void(const transport::Flow& flow, std::string_view bytes)> on_message;
  };
  struct Counters {
    std::uint64_t sent = 0;         // by another node for us
    std::uint64_t sent_for = 0;     // by us for another node
    std::uint64_t handed_over = 0;  // responses given to the node that waits for them
    std::uint64_t taken_over = 0;
  };
  /// Whether this node holds the address of a listener.
  using Holds = std::function<bool(transport::ListenerId)>;

  /// `own` are the sockets of this node; it and `links` outlive the switch. `links` may be null: there is no other
  /// node.
  Switch(common::event::Loop& loop, transport::Sender& own, Holds holds, Events events);
  void use(Links& links) { links_ = &links; }

  void send(const transport::Flow& flow, std::string bytes, std::uint64_t key) override;
  void send_to(const transport::Destination& destination, std::string bytes, std::uint64_t key) override;
  bool is_open(const transport::Flow& flow) const override;
  bool peer_is(transport::ConnectionId connection, std::string_view domain) const override {
    return own_.peer_is(connection, domain);
  }
  void close(transport::ConnectionId connection) override { own_.close(connection); }

  /// Gives a response to the process whose request it answers. False: that process is not there.
  [[nodiscard]] bool hand_over(transport::ProcessId to, const transport::Flow& flow, std::string bytes);

  /// What another node wants.
  void on_message(transport::ProcessId from, LinkMessage message);
  /// The own sockets could not send. False: it was no message of another node's.
  [[nodiscard]] bool on_own_send_failed(std::uint64_t key, transport::SendError error);

  const Counters& counters() const noexcept { return counters_; }

 private:
  /// Keys of other nodes' messages, so that their failure finds home; the oldest are forgotten.
  struct Foreign {
    transport::ProcessId process;
    std::uint64_t key = 0;
  };
  std::optional<transport::ProcessId> other_holder(transport::Kind kind, transport::ListenerId listener) const;
  void pass(transport::ProcessId to, const LinkMessage& message, std::uint64_t key);
  std::uint64_t foreign_key(transport::ProcessId from, std::uint64_t key);

  common::event::Loop& loop_;
  transport::Sender& own_;
  Holds holds_;
  Events events_;
  Links* links_ = nullptr;
  Counters counters_;
  static constexpr std::size_t kForeignKeys = 65'536;
  std::vector<Foreign> foreign_ = std::vector<Foreign>(kForeignKeys);
  std::uint64_t last_foreign_ = 0;
};

}  // namespace proxy::cluster
