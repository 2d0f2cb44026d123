#include "proxy/dns/resolver.h"

#include <ares.h>
#include <arpa/nameser.h>
#include <event2/event.h>
#include <sys/socket.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <unordered_map>

#include "common/base/invariant.h"
#include "common/base/text.h"
#include "proxy/dns/answer.h"
#include "proxy/dns/cache.h"

namespace proxy::dns {
namespace {

// RFC 8767 §5: how long somebody waits while there is an old answer, and how long that one serves then.
constexpr common::Duration kPatience = std::chrono::milliseconds{400};
constexpr common::Duration kStaleRetry = std::chrono::seconds{30};

/// c-ares wants one initialisation per process.
void start_library() {
  static const int status = ares_library_init(ARES_LIB_INIT_ALL);
  INVARIANT(status == ARES_SUCCESS, "c-ares starts");
}

common::Instant clock_now() { return common::Instant{std::chrono::steady_clock::now().time_since_epoch()}; }

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
      : loop_(loop),
        settings_(std::move(settings)),
        addresses_(settings_.max_entries),
        services_(settings_.max_entries),
        pointers_(settings_.max_entries) {
    start_library();
    ares_options options{};
    options.timeout =
        static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(settings_.timeout).count());
    options.tries = settings_.tries;
    options.sock_state_cb = &Impl::on_socket_state;
    options.sock_state_cb_data = this;
    options.ndomains = 0;  // names are whole: no search domain of this machine is tried
    const int status = ares_init_options(
        &channel_, &options, ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB | ARES_OPT_DOMAINS);
    INVARIANT(status == ARES_SUCCESS, "a resolver channel opens");
    if (!settings_.servers.empty()) use_own_servers();
    timer_.reset(event_new(loop_, -1, 0, &Impl::on_timer, this));
    patience_timer_.reset(event_new(loop_, -1, 0, &Impl::on_patience, this));
  }

  ~Impl() {
    closing_ = true;
    ares_destroy(channel_);  // ends every query with ARES_EDESTRUCTION
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void lookup(const std::string& text, Done<Addresses> done) {
    if (const auto literal = common::IpAddress::parse(text)) return done(Addresses{*literal});
    begin(addresses_, text, std::move(done));
  }
  void srv(const std::string& name, Done<SrvRecords> done) { begin(services_, name, std::move(done)); }
  void naptr(const std::string& name, Done<NaptrRecords> done) { begin(pointers_, name, std::move(done)); }

 private:
  /// What is known of one type of record, and who waits for more.
  template <class Records>
  struct Lookups {
    explicit Lookups(std::size_t max_entries) : cache(max_entries) {}
    Cache<Records> cache;
    std::map<std::string, std::vector<Done<Records>>> waiting;
  };
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

  template <class Records>
  void begin(Lookups<Records>& lookups, const std::string& text, Done<Records> done) {
    const std::string name = common::to_lower(text);
    if (!is_valid_name(name)) return done(common::Err{DnsError::BadName});
    if (auto cached = lookups.cache.find(name, clock_now())) return done(std::move(*cached));
    auto& waiting = lookups.waiting[name];
    waiting.push_back(std::move(done));
    if (waiting.size() > 1) return;  // one query serves all who ask for the same name
    if (lookups.cache.has_stale(name, clock_now()))
      wait_shortly([this, &lookups, name] { serve_stale(lookups, name); });
    ask(lookups, name);
    arm_timer();
  }

  void wait_shortly(std::function<void()> then) {
    impatient_.push_back({clock_now() + kPatience, std::move(then)});
    if (impatient_.size() == 1) arm_patience();
  }

  void arm_patience() {
    const auto left = std::max(impatient_.front().first - clock_now(), common::Duration::zero());
    const auto micros = std::chrono::ceil<std::chrono::microseconds>(left).count();
    const timeval wait{micros / 1'000'000, micros % 1'000'000};
    event_add(patience_timer_.get(), &wait);
  }

  static void on_patience(evutil_socket_t, short, void* context) {
    auto* self = static_cast<Impl*>(context);
    while (!self->impatient_.empty() && self->impatient_.front().first <= clock_now()) {
      const auto then = std::move(self->impatient_.front().second);
      self->impatient_.pop_front();
      then();
    }
    if (!self->impatient_.empty()) self->arm_patience();
  }

  /// The servers are slow; who still waits gets what they said before. Their answer will come into the cache.
  template <class Records>
  void serve_stale(Lookups<Records>& lookups, const std::string& name) {
    if (!lookups.waiting.contains(name)) return;
    if (auto stale = lookups.cache.revive(name, clock_now(), clock_now() + kStaleRetry))
      tell(lookups, name, Outcome<Records>{std::move(*stale)});
  }

  template <class Records>
  void tell(Lookups<Records>& lookups, const std::string& name, const Outcome<Records>& outcome) {
    const auto waiting = lookups.waiting.extract(name);
    if (waiting.empty()) return;
    for (const Done<Records>& done : waiting.mapped()) done(outcome);
  }

  void ask(Lookups<Addresses>&, const std::string& name) {
    ares_addrinfo_hints hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_flags = ARES_AI_NOSORT;
    hints.ai_socktype = SOCK_DGRAM;
    ares_getaddrinfo(channel_, name.c_str(), nullptr, &hints, &Impl::on_addresses, new Query{this, name});
  }
  void ask(Lookups<SrvRecords>&, const std::string& name) {
    ares_query(channel_, name.c_str(), ns_c_in, ns_t_srv, &Impl::on_srv, new Query{this, name});
  }
  void ask(Lookups<NaptrRecords>&, const std::string& name) {
    ares_query(channel_, name.c_str(), ns_c_in, ns_t_naptr, &Impl::on_naptr, new Query{this, name});
  }

  static void on_addresses(void* context, int status, int /*timeouts*/, ares_addrinfo* result) {
    const std::unique_ptr<Query> query{static_cast<Query*>(context)};
    const std::unique_ptr<ares_addrinfo, decltype(&ares_freeaddrinfo)> owned{result, &ares_freeaddrinfo};
    Impl& self = *query->owner;
    if (!self.closing_) self.finish(self.addresses_, query->name, read_addresses(status, result));
  }
  static void on_srv(void* context, int status, int /*timeouts*/, unsigned char* bytes, int size) {
    const std::unique_ptr<Query> query{static_cast<Query*>(context)};
    Impl& self = *query->owner;
    if (!self.closing_)
      self.finish(self.services_, query->name, read_records<SrvRecords>(status, bytes, size, read_srv));
  }
  static void on_naptr(void* context, int status, int /*timeouts*/, unsigned char* bytes, int size) {
    const std::unique_ptr<Query> query{static_cast<Query*>(context)};
    Impl& self = *query->owner;
    if (!self.closing_)
      self.finish(self.pointers_, query->name, read_records<NaptrRecords>(status, bytes, size, read_naptr));
  }

  static Answer<Addresses> read_addresses(int status, const ares_addrinfo* result) {
    if (status != ARES_SUCCESS) return {common::Err{error_of(status)}};
    Addresses v4;
    Addresses v6;
    std::chrono::seconds ttl = std::chrono::hours{24};
    for (const auto* node = result->nodes; node != nullptr; node = node->ai_next) {
      const auto address = common::SocketAddress::from_sockaddr(node->ai_addr).ip;
      (address.is_v4() ? v4 : v6).push_back(address);
      ttl = std::min(ttl, std::chrono::seconds{std::max(node->ai_ttl, 0)});
    }
    v4.insert(v4.end(), v6.begin(), v6.end());
    if (v4.empty()) return {common::Err{DnsError::NotFound}};
    return {std::move(v4), ttl};
  }

  /// The bytes also say what a negative answer is worth; without any there was no response.
  template <class Records>
  static Answer<Records> read_records(int status, const unsigned char* bytes, int size,
                                      Answer<Records> (*read)(common::ByteSpan)) {
    const bool is_answer = status == ARES_SUCCESS || status == ARES_ENODATA || status == ARES_ENOTFOUND;
    if (!is_answer || bytes == nullptr) return {common::Err{error_of(status)}};
    return read({bytes, static_cast<std::size_t>(size)});
  }

  template <class Records>
  void finish(Lookups<Records>& lookups, const std::string& name, Answer<Records> answer) {
    remember(lookups.cache, name, answer);
    tell(lookups, name, answer.records);
  }

  template <class Records>
  void remember(Cache<Records>& cache, const std::string& name, Answer<Records>& answer) {
    const common::Instant now = clock_now();
    if (answer.records) {
      cache.put(name, answer.records, now + std::min<common::Duration>(answer.ttl, settings_.max_ttl));
    } else if (answer.records.error() == DnsError::NotFound) {
      const common::Duration said = answer.ttl.count() > 0 ? common::Duration{answer.ttl} : settings_.negative_ttl;
      cache.put(name, answer.records, now + std::min(said, settings_.max_negative_ttl));
    } else if (auto stale = cache.revive(name, now, now + kStaleRetry)) {
      answer.records = std::move(*stale);
    }
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
  Lookups<Addresses> addresses_;
  Lookups<SrvRecords> services_;
  Lookups<NaptrRecords> pointers_;
  ares_channel channel_{};
  bool closing_ = false;
  std::unordered_map<ares_socket_t, EventPtr> sockets_;
  EventPtr timer_;
  EventPtr patience_timer_;
  std::deque<std::pair<common::Instant, std::function<void()>>> impatient_;  // each waits equally long
};

Resolver::Resolver(event_base* loop, Settings settings) : impl_(std::make_unique<Impl>(loop, std::move(settings))) {}
Resolver::~Resolver() = default;
void Resolver::lookup(const std::string& name, Done<Addresses> done) { impl_->lookup(name, std::move(done)); }
void Resolver::srv(const std::string& name, Done<SrvRecords> done) { impl_->srv(name, std::move(done)); }
void Resolver::naptr(const std::string& name, Done<NaptrRecords> done) { impl_->naptr(name, std::move(done)); }

}  // namespace proxy::dns
