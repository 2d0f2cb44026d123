#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "proxy/store/binding.h"

namespace proxy::store {

enum class StoreError : std::uint8_t { Unavailable };

/// The bindings of one address-of-record and the revision they were read at.
struct Record {
  std::uint64_t revision = 0;  // 0: there is none
  std::vector<Binding> bindings;
};

/// Registrations of this node or of a whole pair. Every answer comes through a completion, which may run before the
/// call returns; the caller stays alive until then. An address-of-record is canonical text: `sip:alice@example.org`.
class LocationStore {
 public:
  template <class T>
  using Done = std::function<void(common::Result<T, StoreError>)>;

  virtual ~LocationStore() = default;

  /// Unexpired bindings, best first: by q, then latest first.
  virtual void load(const std::string& aor, common::Instant now, Done<Record> done) = 0;

  /// Puts `bindings` in place of what `revision` named. False: somebody else was faster; load again. New bindings carry
  /// generation 0 and get one.
  virtual void replace(const std::string& aor, std::uint64_t revision, std::vector<Binding> bindings,
                       Done<bool> done) = 0;

  /// The binding a dialog names by its flow id.
  virtual void find_flow(const std::string& flow_id, common::Instant now, Done<std::optional<Binding>> done) = 0;

  /// Removes the binding of this flow id if it is still this generation on this connection. False: it has moved on.
  virtual void remove_if_same(const std::string& flow_id, Generation generation, transport::ConnectionId connection,
                              Done<bool> done) = 0;
};

}  // namespace proxy::store
