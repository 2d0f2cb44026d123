#include "proxy/registrar/binding_update.h"

#include <fmt/format.h>

#include <algorithm>

namespace proxy::registrar {
namespace {

common::Err<RegisterReply> failure(int status, std::string reason) {
  return common::Err{RegisterReply{status, std::move(reason), {}}};
}

/// Outbound needs both parameters (RFC 5626 §4.2); an instance alone still names the device.
bool is_outbound_contact(const Contact& contact) {
  return contact.reg_id.has_value() && *contact.reg_id != 0 && !contact.instance.empty();
}

}  // namespace

bool BindingUpdate::is_outbound() const {
  return std::any_of(request_.contacts.begin(), request_.contacts.end(), is_outbound_contact);
}

bool BindingUpdate::is_newer(const store::Binding& binding) const {
  return request_.call_id != binding.call_id || request_.cseq > binding.cseq;  // another Call-ID: by arrival
}

common::Result<std::uint32_t, RegisterReply> BindingUpdate::lifetime(const Contact& contact) const {
  const std::uint32_t wish = contact.expires.value_or(request_.expires.value_or(settings_.default_expires));
  if (wish != 0 && wish < settings_.min_expires) {
    RegisterReply reply{423, "Interval Too Brief", {}};
    reply.headers.emplace_back("Min-Expires", std::to_string(settings_.min_expires));
    return common::Err{std::move(reply)};
  }
  return std::min(wish, settings_.max_expires);
}

BindingUpdate::Step BindingUpdate::remove_all(std::vector<store::Binding> bindings) const {
  const bool alone = request_.contacts.size() == 1;
  if (!alone || request_.expires.value_or(1) != 0) return failure(400, "Wildcard Contact Needs Expires 0");
  const bool newer = std::all_of(bindings.begin(), bindings.end(), [&](const auto& b) { return is_newer(b); });
  if (!newer) return failure(500, "CSeq Out Of Order");
  return std::vector<store::Binding>{};
}

store::Binding BindingUpdate::make_binding(const Contact& contact, std::uint32_t seconds) const {
  store::Binding binding;
  binding.contact = contact.uri;
  binding.contact_params = contact.other_params;
  binding.instance = contact.instance;
  binding.reg_id = contact.reg_id.value_or(0);
  binding.q_thousandths = contact.q_thousandths;
  binding.call_id = request_.call_id;
  binding.cseq = request_.cseq;
  binding.flow_id = flow_id_of_(contact);
  binding.path = request_.path;
  binding.user_agent = request_.user_agent;
  binding.flow = request_.flow;
  binding.expires_at = now_ + std::chrono::seconds{seconds};
  return binding;
}

BindingUpdate::Step BindingUpdate::apply_contact(std::vector<store::Binding> bindings, const Contact& contact) const {
  const auto seconds = lifetime(contact);
  if (!seconds) return common::Err{seconds.error()};
  const std::string flow_id = flow_id_of_(contact);
  const auto old = std::find_if(bindings.begin(), bindings.end(),
                                [&](const store::Binding& binding) { return binding.flow_id == flow_id; });
  if (old != bindings.end()) {
    const bool is_of_this_request = old->generation == store::Generation{};
    if (!is_of_this_request && !is_newer(*old)) return failure(500, "CSeq Out Of Order");
    bindings.erase(old);
  }
  if (*seconds == 0) return bindings;
  if (bindings.size() >= settings_.max_bindings_per_aor) return failure(403, "Too Many Bindings");
  bindings.push_back(make_binding(contact, *seconds));
  return bindings;
}

common::Result<std::vector<store::Binding>, RegisterReply> BindingUpdate::apply(
    std::vector<store::Binding> bindings) const {
  const bool wildcard = std::any_of(request_.contacts.begin(), request_.contacts.end(),
                                    [](const Contact& contact) { return contact.uri == "*"; });
  if (wildcard) return remove_all(std::move(bindings));
  Step step = std::move(bindings);
  for (const Contact& contact : request_.contacts) {
    step = apply_contact(std::move(*step), contact);
    if (!step) return step;
  }
  return step;
}

}  // namespace proxy::registrar
