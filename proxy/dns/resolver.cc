#include "proxy/dns/resolver.h"

#include <ares.h>
#include <event2/event.h>
#include <sys/socket.h>

#include <algorithm>
#include <map>
#include <unordered_map>

#include "common/base/invariant.h"
#include "common/base/text.h"
#include "proxy/dns/cache.h"

namespace proxy::dns {
namespace {

constexpr std::size_t kLongestName = 253;  // RFC 1035 §2.3.4 as text

/// c-ares wants one initialisation per process.
void start_library() {
  static const int status = ares_library_init(ARES_LIB_INIT_ALL);
  INVARIANT(status == ARES_SUCCESS, "c-ares starts");
}

common::Instant clock_now() { return common::Instant{std::chrono::steady_clock::now().time_since_epoch()}; }

bool is_valid_name(std::string_view name) {
  if (name.empty() || name.size() > kLongestName) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
  });
}

DnsError error_of(int status) {
  switch (status) {
    case ARES_ENOTFOUND:
    case ARES_ENODATA:
      return DnsError::NotFound;
    case ARES_ETIMEOUT:
    case ARES_ECONNREFUSED:
      return DnsError::Timeout;
    case ARES_EBADNAME:
      return DnsError::BadName;
    default:
      return DnsError::ServerFailure;
  }
}

struct EventDeleter {
  void operator()(event* e) const noexcept { event_free(e); }
};
using EventPtr = std::unique_ptr<event, EventDeleter>;

}  // namespace

/// Owns the c-ares channel. c-ares hides sockets and deadlines: sockets are watched as it tells, its deadlines are
/// asked for after each of its steps. It must not be destroyed from within a callback of its own, and is not.
class Resolver::Impl {
 public:
  Impl(event_base* loop, Settings settings)
      : loop_(loop), settings_(std::move(settings)), cache_(settings_.max_entries) {
    start_library();
    ares_options options{};
    options.timeout =
        static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(settings_.timeout).count());
    options.tries = settings_.tries;
    options.sock_state_cb = &Impl::on_socket_state;
    options.sock_state_cb_data = this;
    const int status =
        ares_init_options(&channel_, &options, ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB);
    INVARIANT(status == ARES_SUCCESS, "a resolver channel opens");
    if (!settings_.servers.empty()) use_own_servers();
    timer_.reset(event_new(loop_, -1, 0, &Impl::on_timer, this));
  }

  ~Impl() {
    closing_ = true;
    ares_destroy(channel_);  // ends every query with ARES_EDESTRUCTION
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void lookup(const std::string& text, AddressesDone done) {
    if (const auto literal = common::IpAddress::parse(text)) return done(Addresses{*literal});
    const std::string name = common::to_lower(text);
    if (!is_valid_name(name)) return done(common::Err{DnsError::BadName});
    if (auto cached = cache_.find(name, clock_now())) return done(std::move(*cached));
    auto& waiting = waiting_[name];
    waiting.push_back(std::move(done));
    if (waiting.size() > 1) return;  // one query serves all who ask for the same name
    ask(name);
  }

 private:
  struct Query {
    Impl* owner;
    std::string name;
  };

  void use_own_servers() {
    std::string list;
    for (const common::SocketAddress& server : settings_.servers) {
      list += (list.empty() ? "" : ",") + server.to_string();
    }
    const int status = ares_set_servers_ports_csv(channel_, list.c_str());
    INVARIANT(status == ARES_SUCCESS, "checked server addresses are accepted");
  }

  void ask(const std::string& name) {
    ares_addrinfo_hints hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_flags = ARES_AI_NOSORT;
    hints.ai_socktype = SOCK_DGRAM;
    ares_getaddrinfo(channel_, name.c_str(), nullptr, &hints, &Impl::on_answer, new Query{this, name});
    arm_timer();
  }

  static void on_answer(void* context, int status, int /*timeouts*/, ares_addrinfo* result) {
    const std::unique_ptr<Query> query{static_cast<Query*>(context)};
    const std::unique_ptr<ares_addrinfo, decltype(&ares_freeaddrinfo)> answer{result, &ares_freeaddrinfo};
    if (!query->owner->closing_) query->owner->finish(query->name, status, answer.get());
  }

  void finish(const std::string& name, int status, const ares_addrinfo* result) {
    Addresses v4;
    Addresses v6;
    auto ttl = std::chrono::duration_cast<std::chrono::seconds>(settings_.max_ttl);
    for (auto* node = result == nullptr ? nullptr : result->nodes; node != nullptr; node = node->ai_next) {
      const auto address = common::SocketAddress::from_sockaddr(node->ai_addr).ip;
      (address.is_v4() ? v4 : v6).push_back(address);
      ttl = std::min(ttl, std::chrono::seconds{std::max(node->ai_ttl, 0)});
    }
    v4.insert(v4.end(), v6.begin(), v6.end());
    Cache::Answer answer = std::move(v4);
    if (status != ARES_SUCCESS)
      answer = common::Err{error_of(status)};
    else if (answer->empty())
      answer = common::Err{DnsError::NotFound};
    remember(name, answer, ttl);
    const auto waiting = std::move(waiting_.extract(name).mapped());
    for (const AddressesDone& done : waiting) done(answer);
  }

  void remember(const std::string& name, const Cache::Answer& answer, std::chrono::seconds ttl) {
    const bool worth_keeping = answer || answer.error() == DnsError::NotFound;  // a failing server may recover at once
    if (worth_keeping)
      cache_.put(name, answer, clock_now() + (answer ? common::Duration{ttl} : settings_.negative_ttl));
  }

  static void on_socket_state(void* context, ares_socket_t socket, int readable, int writable) {
    static_cast<Impl*>(context)->watch(socket, readable != 0, writable != 0);
  }

  void watch(ares_socket_t socket, bool readable, bool writable) {
    sockets_.erase(socket);
    if (closing_ || (!readable && !writable)) return;
    const int what = EV_PERSIST | (readable ? EV_READ : 0) | (writable ? EV_WRITE : 0);
    EventPtr watcher{event_new(loop_, socket, static_cast<short>(what), &Impl::on_socket_event, this)};
    event_add(watcher.get(), nullptr);
    sockets_.emplace(socket, std::move(watcher));
  }

  static void on_socket_event(evutil_socket_t socket, short what, void* context) {
    auto* self = static_cast<Impl*>(context);
    ares_process_fd(self->channel_, (what & EV_READ) != 0 ? socket : ARES_SOCKET_BAD,
                    (what & EV_WRITE) != 0 ? socket : ARES_SOCKET_BAD);
    self->arm_timer();
  }

  static void on_timer(evutil_socket_t, short, void* context) {
    auto* self = static_cast<Impl*>(context);
    ares_process_fd(self->channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    self->arm_timer();
  }

  void arm_timer() {
    timeval room{};
    if (const timeval* next = ares_timeout(channel_, nullptr, &room)) {
      event_add(timer_.get(), next);
    } else {
      event_del(timer_.get());
    }
  }

  event_base* loop_;
  Settings settings_;
  Cache cache_;
  ares_channel channel_{};
  bool closing_ = false;
  std::unordered_map<ares_socket_t, EventPtr> sockets_;
  EventPtr timer_;
  std::map<std::string, std::vector<AddressesDone>> waiting_;
};

Resolver::Resolver(event_base* loop, Settings settings) : impl_(std::make_unique<Impl>(loop, std::move(settings))) {}
Resolver::~Resolver() = default;
void Resolver::lookup(const std::string& name, AddressesDone done) { impl_->lookup(name, std::move(done)); }

}  // namespace proxy::dns
