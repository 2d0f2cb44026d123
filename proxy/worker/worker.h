#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/event/loop.h"
#include "common/event/timer.h"
#include "proxy/core/proxy_core.h"
#include "proxy/registrar/registrar.h"
#include "proxy/store/memory_location_store.h"
#include "proxy/transaction/table.h"
#include "proxy/transport/transport_layer.h"

/// One loop's share of the proxy: bytes from the transports through parser, transactions and core, and back.
namespace proxy::worker {

struct WorkerCounters {
  std::array<std::uint64_t, 7> unparsable{};  // by sip::ParseError
  std::uint64_t refused = 0;                  // requests that sanity checks answered
  std::uint64_t dropped_responses = 0;        // responses with a fault
  std::uint64_t keepalives = 0;
};

class Worker {
 public:
  /// Everything that the core needs, made once table and transports of this worker exist. Completions that come later
  /// than the call they belong to are followed by settle().
  using MakeServices = std::function<core::Services(Worker& worker)>;

  /// The transports could not send this; true: it was not the table's, but another node's.
  using OnSendFailed = std::function<bool(std::uint64_t key, transport::SendError error)>;

  /// Errors: one text for each listener that cannot be opened.
  [[nodiscard]] static common::Result<std::unique_ptr<Worker>, std::vector<std::string>> open(
      common::event::Loop& loop, transport::Settings settings, store::MemoryLocationStore& store,
      registrar::Registrar& registrar, const MakeServices& make_services, OnSendFailed is_foreign = {});
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// A message that another node took for us, or the failure of what was sent through it.
  void on_message(const transport::Flow& flow, std::string_view bytes, common::Instant now);
  void on_send_failed(std::uint64_t key);
  /// A user has registered on another node.
  void on_registered(std::uint32_t owner);

  /// The relay reports that a call's media has ended. False: not a call of ours.
  [[nodiscard]] bool on_teardown(std::string_view blob);

  /// Works the table's events off and sets the next deadline.
  void settle();

  transaction::Table& table() noexcept { return table_; }
  transport::TransportLayer& transports() noexcept { return *transports_; }
  const transport::TransportLayer& transports() const noexcept { return *transports_; }
  const transaction::Table& table() const noexcept { return table_; }
  const core::ProxyCore& core() const noexcept { return *core_; }
  const WorkerCounters& counters() const noexcept { return counters_; }

  /// Takes no new calls from now on.
  void drain();
  /// Requests that still run; a drain waits for them.
  std::size_t busy() const noexcept { return core_->busy(); }

 private:
  Worker(common::event::Loop& loop, store::MemoryLocationStore& store, registrar::Registrar& registrar,
         OnSendFailed is_foreign);
  transport::Events events();
  void on_unparsable(const transport::Flow& flow, std::string_view bytes, sip::ParseError error);
  void on_closed(const transport::Flow& flow);
  void on_timeout(common::Instant now);

  common::event::Loop& loop_;
  store::MemoryLocationStore& store_;
  registrar::Registrar& registrar_;
  OnSendFailed is_foreign_;
  transaction::Table table_;
  transport::Sender* sender_ = nullptr;  // the transports, or what stands in front of them
  std::unique_ptr<transport::TransportLayer> transports_;
  std::unique_ptr<core::ProxyCore> core_;
  common::event::Timer timer_;
  WorkerCounters counters_;
  bool settling_ = false;
};

}  // namespace proxy::worker
