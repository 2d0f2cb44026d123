#include "proxy/cluster/links.h"

#include <sys/socket.h>

#include <algorithm>
#include <utility>

#include "common/event/sockets.h"
#include "common/log/log.h"

namespace proxy::cluster {
namespace {

using namespace std::chrono_literals;
using common::Instant;
using common::stream::Stream;
using transport::ProcessId;

namespace log = common::log;

constexpr common::Duration kBeat = 250ms;
constexpr common::Duration kSilence = 1s;
constexpr common::Duration kRedial = 500ms;
constexpr std::size_t kMaxIncoming = 16;
constexpr Stream::Limits kLimits{.set_up = 2s, .stalled = 2s, .max_queued = 32 << 20};

}  // namespace

/// The stream to one other node, dialled again whenever it ends.
class Links::Outgoing {
 public:
  Outgoing(Links& links, const common::SocketAddress& address) : links_(links), address_(address) { dial(); }

  void on_timer(Instant now) {
    if (!stream_ && now >= redial_at_) return dial();
    if (!stream_ || !stream_->is_open()) return;
    if (now - heard_ > kSilence) return down("silent");
    beat();
  }
  void beat() {
    if (is_up()) stream_->send(to_wire(Beat{links_.events_.held()}));
  }
  void send(const LinkMessage& message) { stream_->send(to_wire(message)); }
  bool is_up() const noexcept { return peer_.has_value(); }
  ProcessId process() const noexcept { return peer_ ? peer_->process : ProcessId{}; }
  bool holds(transport::ListenerId listener) const { return is_up() && held_.contains(listener); }
  Status status() const { return {address_, name_, process(), is_up()}; }

 private:
  void dial() {
    reader_ = {};
    stream_ = Stream::connect(links_.loop_, address_, Stream::Tls{links_.settings_.client, ""},
                              {.on_open =
                                   [this] {
                                     heard_ = links_.loop_.now();
                                     stream_->send(to_wire(Hello{1, links_.settings_.self, links_.settings_.name}));
                                   },
                               .on_bytes = [this](std::string_view bytes) { on_bytes(bytes); },
                               .on_closed = [this](const std::string& why) { down(why); }},
                              kLimits);
  }

  void on_bytes(std::string_view bytes) {
    heard_ = links_.loop_.now();
    reader_.feed(bytes);
    while (stream_) {
      auto message = reader_.next();
      if (!message) return down("not a node of this cluster");
      if (!*message) return;
      if (auto* hello = std::get_if<Hello>(&**message))
        on_hello(std::move(*hello));
      else if (const auto* beat = std::get_if<Beat>(&**message))
        held_ = {beat->held.begin(), beat->held.end()};
    }
  }

  void on_hello(Hello hello) {
    if (hello.process == links_.settings_.self) return down("this is the node itself");
    name_ = hello.name;
    peer_ = std::move(hello);
    log::info("cluster.up", {{"node", name_}, {"address", address_.to_string()}});
    beat();
    links_.events_.on_up(peer_->process);
  }

  void down(const std::string& why) {
    redial_at_ = links_.loop_.now() + kRedial;
    links_.loop_.defer([ended = std::shared_ptr<Stream>(std::move(stream_))] {});
    held_.clear();
    const auto peer = std::exchange(peer_, std::nullopt);
    if (!peer) return;
    log::warn("cluster.down", {{"node", name_}, {"address", address_.to_string()}, {"reason", why}});
    links_.events_.on_down(peer->process);
  }

  Links& links_;
  common::SocketAddress address_;
  std::string name_;
  std::unique_ptr<Stream> stream_;
  LinkReader reader_;
  std::optional<Hello> peer_;
  std::set<transport::ListenerId> held_;
  Instant heard_{};
  Instant redial_at_{};
};

/// A stream that another node dialled.
class Links::Incoming {
 public:
  Incoming(Links& links, common::Fd fd)
      : links_(links),
        heard_(links.loop_.now()),
        stream_(Stream::accepted(
            links.loop_, std::move(fd), &links.settings_.server,
            {.on_open = [this] { stream_->send(to_wire(Hello{1, links_.settings_.self, links_.settings_.name})); },
             .on_bytes = [this](std::string_view bytes) { on_bytes(bytes); },
             .on_closed = [this](const std::string&) { ended_ = true; }},
            kLimits)) {}

  /// False: it is over.
  bool on_timer(Instant now) {
    if (ended_ || now - heard_ > kSilence + kLimits.set_up) return false;
    beat();
    return true;
  }
  void beat() {
    if (peer_ != ProcessId{}) stream_->send(to_wire(Beat{links_.events_.held()}));
  }

 private:
  void on_bytes(std::string_view bytes) {
    heard_ = links_.loop_.now();
    reader_.feed(bytes);
    while (!ended_) {
      auto message = reader_.next();
      if (!message) {
        ended_ = true;
        return;
      }
      if (!*message) return;
      if (const auto* hello = std::get_if<Hello>(&**message)) {
        peer_ = hello->process;
      } else if (!std::holds_alternative<Beat>(**message) && peer_ != ProcessId{}) {
        links_.events_.on_message(peer_, std::move(**message));
      }
    }
  }

  Links& links_;
  ProcessId peer_;
  LinkReader reader_;
  Instant heard_;
  bool ended_ = false;
  std::unique_ptr<Stream> stream_;
};

common::Result<std::unique_ptr<Links>, std::string> Links::open(common::event::Loop& loop, Settings settings,
                                                                Events events) {
  auto listening = common::event::bind_socket(SOCK_STREAM, settings.listen);
  if (!listening) return common::Err{listening.error()};
  return std::unique_ptr<Links>{new Links(loop, std::move(settings), std::move(events), std::move(*listening))};
}

Links::Links(common::event::Loop& loop, Settings settings, Events events, common::Fd listening)
    : loop_(loop),
      settings_(std::move(settings)),
      events_(std::move(events)),
      listening_(std::move(listening)),
      watch_(loop, listening_.get(), [this](common::event::Ready) { accept(); }),
      timer_(loop, [this](Instant now) { on_timer(now); }) {
  watch_.want(true, false);
  for (const common::SocketAddress& peer : settings_.peers) {
    outgoing_.push_back(std::make_unique<Outgoing>(*this, peer));
  }
  timer_.schedule(loop_.now() + kBeat);
}

Links::~Links() = default;

/// From the addresses of the other nodes alone.
void Links::accept() {
  sockaddr_storage storage{};
  socklen_t length = sizeof storage;
  auto* address = reinterpret_cast<sockaddr*>(&storage);
  common::Fd fd{::accept4(listening_.get(), address, &length, SOCK_NONBLOCK | SOCK_CLOEXEC)};
  if (!fd || incoming_.size() >= kMaxIncoming) return;
  const common::IpAddress source = common::SocketAddress::from_sockaddr(address).ip;
  if (std::ranges::none_of(settings_.peers, [&](const auto& peer) { return peer.ip == source; })) return;
  incoming_.push_back(std::make_unique<Incoming>(*this, std::move(fd)));
}

void Links::on_timer(Instant now) {
  for (const auto& out : outgoing_) out->on_timer(now);
  std::erase_if(incoming_, [now](const auto& in) { return !in->on_timer(now); });
  timer_.schedule(now + kBeat);
}

bool Links::send(ProcessId to, const LinkMessage& message) {
  for (const auto& out : outgoing_) {
    if (!out->is_up() || out->process() != to) continue;
    out->send(message);
    return true;
  }
  return false;
}

bool Links::is_up(ProcessId process) const {
  return std::ranges::any_of(outgoing_,
                             [process](const auto& out) { return out->is_up() && out->process() == process; });
}

std::optional<ProcessId> Links::holder_of(transport::ListenerId listener) const {
  const auto found = std::ranges::find_if(outgoing_, [listener](const auto& out) { return out->holds(listener); });
  if (found == outgoing_.end()) return std::nullopt;
  return (*found)->process();
}

void Links::beat() {
  for (const auto& out : outgoing_) out->beat();
  for (const auto& in : incoming_) in->beat();
}

std::vector<Links::Status> Links::statuses() const {
  std::vector<Status> statuses;
  for (const auto& out : outgoing_) statuses.push_back(out->status());
  return statuses;
}

common::SocketAddress Links::local() const { return common::event::local_address(listening_.get()); }

}  // namespace proxy::cluster
