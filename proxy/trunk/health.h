#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/time/timer_queue.h"
#include "proxy/next_hop/location.h"
#include "proxy/trunk/place_health.h"
#include "proxy/trunk/trunk.h"

namespace proxy::trunk {

/// One address of one trunk.
struct Place {
  std::string trunk;
  transport::Kind kind = transport::Kind::Udp;
  common::SocketAddress remote;
  friend auto operator<=>(const Place&, const Place&) = default;
};
struct PlaceHash {
  std::size_t operator()(const Place& place) const noexcept {
    return std::hash<std::string>{}(place.trunk) ^ std::hash<common::SocketAddress>{}(place.remote);
  }
};

/// The health of every place of every trunk, and when each is probed next. Places that are no longer found are
/// forgotten after a while.
class Health {
 public:
  /// A trunk is found at these places now.
  void watch(const Trunk& trunk, const next_hop::Candidates& places, common::Instant now);
  /// The trunks that are configured now; what belongs to others, or to where one was looked for before, is forgotten.
  void keep(const TrunkTable& trunks);

  /// Unknown places are healthy.
  bool admits(const Place& place, double draw, common::Instant now);
  /// Unknown places are up.
  PlaceHealth::State state(const Place& place, common::Instant now);
  /// True while the place itself has asked to be left alone.
  bool wants_rest(const Place& place, common::Instant now);
  void on_success(const Place& place, common::Duration delay, common::Instant now);
  void on_failure(const Place& place, common::Instant now);
  void on_retry_after(const Place& place, common::Duration rest, common::Instant now);
  void on_probe(const Place& place, bool answered, common::Instant now);

  /// Places to be probed now; each is due again after its trunk's interval.
  std::vector<Place> take_due_probes(common::Instant now);
  /// When the next probe is due; nullopt: there is none.
  std::optional<common::Instant> next_probe() const noexcept { return probes_.next(); }

  struct View {
    Place place;
    PlaceHealth::State state;
    PlaceHealth::Cause cause;
    common::Instant since;
    CallWindow::Totals calls;
  };
  std::vector<View> views(common::Instant now);

 private:
  struct Entry {
    PlaceHealth health;
    common::Duration probe_interval{};
    common::Instant seen;
    next_hop::Wanted wanted;
    PlaceHealth::State told = PlaceHealth::State::Up;  // in the log
  };
  static void report(const Place& place, Entry& entry, common::Instant now);
  template <class Event>
  void tell(const Place& place, common::Instant now, Event event);
  template <class Condition>
  void forget_if(Condition condition);

  std::map<Place, Entry> entries_;
  common::TimerQueue<Place, PlaceHash> probes_;
};

}  // namespace proxy::trunk
