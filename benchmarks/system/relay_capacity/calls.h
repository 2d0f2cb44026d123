#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "benchmarks/system/ng_control.h"
#include "benchmarks/system/relay_capacity/options.h"
#include "benchmarks/system/relay_capacity/party.h"

namespace benchmarks {

/// All calls of a measurement with their sockets. Everything here throws std::runtime_error when the relay does not
/// play along.
class Calls {
 public:
  Calls(const Options& options, const Speech& speech);

  /// Offer and answer of every call, one after the other; with DTLS until both sides have keys.
  void set_up();
  void tear_down();

  std::size_t size() const noexcept { return callers_.size(); }
  Party& caller(std::size_t index) noexcept { return *callers_[index]; }
  Party& callee(std::size_t index) noexcept { return *callees_[index]; }

  /// Sends what parties have handed over.
  void flush();
  /// Takes everything that has arrived and gives it to the parties.
  void receive();

  PartyCounters counters() const noexcept;
  void reset_counters() noexcept;
  /// Loudness of the quietest listener as a share of the speech that was sent; 1 where packets were compared instead.
  double quietest() const;

 private:
  void set_up(std::size_t index);
  void await_keys(Party& party);
  void receive(MediaSocket& socket);

  Options options_;
  const Speech& speech_;
  NgControl control_;
  MediaSocket caller_socket_;
  MediaSocket caller_rtcp_;
  MediaSocket callee_socket_;
  MediaSocket callee_rtcp_;
  std::vector<std::unique_ptr<Party>> callers_;
  std::vector<std::unique_ptr<Party>> callees_;
  std::array<Party*, 65536> by_relay_port_{};
};

common::Instant monotonic_now() noexcept;

}  // namespace benchmarks
