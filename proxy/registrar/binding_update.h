#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "proxy/registrar/registrar.h"

namespace proxy::registrar {

/// Computes what a REGISTER makes of the bindings that are there, RFC 3261 §10.3 steps 6 to 8. Pure.
class BindingUpdate {
 public:
  using FlowIdOf = std::function<std::string(const Contact&)>;

  BindingUpdate(const Registrar::Settings& settings, const RegisterRequest& request, FlowIdOf flow_id_of,
                common::Instant now)
      : settings_(settings), request_(request), flow_id_of_(std::move(flow_id_of)), now_(now) {}

  /// The bindings afterwards, or the failure to answer with; then nothing may change.
  [[nodiscard]] common::Result<std::vector<store::Binding>, RegisterReply> apply(
      std::vector<store::Binding> bindings) const;

  /// True if some binding of the request is an outbound one (RFC 5626 §6).
  bool is_outbound() const;

 private:
  using Step = common::Result<std::vector<store::Binding>, RegisterReply>;
  Step remove_all(std::vector<store::Binding> bindings) const;
  Step apply_contact(std::vector<store::Binding> bindings, const Contact& contact) const;
  common::Result<std::uint32_t, RegisterReply> lifetime(const Contact& contact) const;
  bool is_newer(const store::Binding& binding) const;
  store::Binding make_binding(const Contact& contact, std::uint32_t seconds) const;

  const Registrar::Settings& settings_;
  const RegisterRequest& request_;
  FlowIdOf flow_id_of_;
  common::Instant now_;
};

}  // namespace proxy::registrar
