#include "common/redis/find_server.h"

#include <fmt/format.h>

#include <utility>

#include "common/base/text.h"

namespace common::redis {
namespace {

using namespace std::chrono_literals;

constexpr Duration kSentinelTime = 1s;

std::optional<SocketAddress> master_of(const Result<Reply, Failure>& reply) {
  const auto* pair = reply ? reply->array() : nullptr;
  if (pair == nullptr || pair->size() != 2 || (*pair)[0].text() == nullptr) return std::nullopt;
  const auto ip = IpAddress::parse(*(*pair)[0].text());
  const auto port = (*pair)[1].integer();
  if (!ip || !port || *port <= 0 || *port > 65535) return std::nullopt;
  return SocketAddress{*ip, Port{static_cast<std::uint16_t>(*port)}};
}

/// Asks one Sentinel after the other until one names a master.
class SentinelSearch : public std::enable_shared_from_this<SentinelSearch> {
 public:
  SentinelSearch(event::Loop& loop, Link::Find next_sentinel, std::size_t tries, std::string group, Access access,
                 Link::Found found)
      : loop_(loop),
        next_sentinel_(std::move(next_sentinel)),
        tries_left_(tries),
        group_(std::move(group)),
        access_(std::move(access)),
        found_(std::move(found)) {}

  void next() {
    drop_connection();
    if (tries_left_ == 0) return std::exchange(found_, nullptr)(std::nullopt);
    --tries_left_;
    next_sentinel_([self = shared_from_this()](std::optional<SocketAddress> sentinel) {
      if (!sentinel) return self->next();
      self->ask(*sentinel);
    });
  }

 private:
  void ask(const SocketAddress& sentinel) {
    const auto self = shared_from_this();  // the search lives as long as its connection
    connection_ = std::make_unique<Connection>(loop_, sentinel, access_.tls, access_.identity,
                                               Connection::Events{.on_ready = [self] { self->ask_for_master(); },
                                                                  .on_message = {},
                                                                  .on_closed =
                                                                      [self](const std::string&) {
                                                                        if (self->found_) self->next();
                                                                      }});
  }

  void ask_for_master() {
    connection_->call({"SENTINEL", "get-master-addr-by-name", group_}, kSentinelTime,
                      [self = shared_from_this()](const Result<Reply, Failure>& reply) {
                        const auto master = master_of(reply);
                        if (!self->found_) return;
                        if (!master) return self->next();
                        self->drop_connection();
                        std::exchange(self->found_, nullptr)(master);
                      });
  }

  /// Later: the connection may be what called us, and it holds the last reference to this search.
  void drop_connection() {
    if (!connection_) return;
    loop_.defer([ended = std::shared_ptr<Connection>(std::move(connection_))] {});
  }

  event::Loop& loop_;
  Link::Find next_sentinel_;
  std::size_t tries_left_;
  std::string group_;
  Access access_;
  Link::Found found_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace

std::optional<Endpoint> Endpoint::parse(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const auto port = parse_number<std::uint16_t>(text.substr(colon + 1));
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (!port || *port == 0 || host.empty() || host.find_first_of(" /@") != std::string_view::npos) return std::nullopt;
  return Endpoint{std::string(host), Port{*port}};
}

std::string Endpoint::to_string() const {
  return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port.value)
                                             : fmt::format("[{}]:{}", host, port.value);
}

Link::Find in_turn(std::vector<Endpoint> servers, Resolve resolve) {
  return
      [servers = std::move(servers), resolve = std::move(resolve), next = std::size_t{0}](Link::Found found) mutable {
        if (servers.empty()) return found(std::nullopt);
        const Endpoint server = servers[next++ % servers.size()];
        if (const auto literal = IpAddress::parse(server.host)) return found(SocketAddress{*literal, server.port});
        resolve(server.host, [found = std::move(found), port = server.port](const std::vector<IpAddress>& addresses) {
          if (addresses.empty()) return found(std::nullopt);
          found(SocketAddress{addresses.front(), port});
        });
      };
}

Link::Find by_sentinel(event::Loop& loop, std::vector<Endpoint> sentinels, std::string group, Access access,
                       Resolve resolve) {
  const std::size_t tries = sentinels.size();
  return [&loop, tries, group = std::move(group), access = std::move(access),
          next = in_turn(std::move(sentinels), std::move(resolve))](Link::Found found) {
    std::make_shared<SentinelSearch>(loop, next, tries, group, access, std::move(found))->next();
  };
}

}  // namespace common::redis
