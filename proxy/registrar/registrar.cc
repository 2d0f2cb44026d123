#include "proxy/registrar/registrar.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>

#include "common/base/encoding.h"
#include "common/crypto/digest.h"
#include "proxy/registrar/binding_update.h"

namespace proxy::registrar {
namespace {

constexpr int kTries = 4;                 // against other writers of the same address-of-record
constexpr std::size_t kFlowIdBytes = 12;  // 16 characters
constexpr std::size_t kMaxContacts = 32;  // in one request
constexpr std::size_t kMaxPath = 16;

void field(common::ByteWriter& writer, std::string_view text) {
  writer.u32(static_cast<std::uint32_t>(text.size())).text(text);
}

std::string http_date(common::WallTime date) {  // RFC 3261 §20.17
  const auto seconds = std::chrono::time_point_cast<std::chrono::seconds>(date);
  return fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)));
}

std::string contact_value(const store::Binding& binding, common::Instant now) {
  const auto left = std::chrono::ceil<std::chrono::seconds>(binding.expires_at - now).count();
  std::string value = fmt::format("<{}>;expires={}", binding.contact, left);
  if (binding.q_thousandths != 1000) value += fmt::format(";q=0.{:03}", binding.q_thousandths);
  if (!binding.instance.empty()) value += fmt::format(";+sip.instance=\"{}\"", binding.instance);
  if (binding.reg_id != 0) value += fmt::format(";reg-id={}", binding.reg_id);
  return value + binding.contact_params;
}

}  // namespace

struct Registrar::Pending {
  RegisterRequest request;
  common::Instant now;
  common::WallTime date;
  Done done;
};

Registrar::Registrar(Settings settings, store::LocationStore& store) : settings_(std::move(settings)), store_(store) {}

std::string Registrar::flow_id(const std::string& aor, const Contact& contact) const {
  common::ByteWriter writer;
  writer.text("flow1");
  field(writer, settings_.tenant);
  field(writer, aor);
  if (!contact.instance.empty()) {
    field(writer, contact.instance);
    writer.u32(contact.reg_id.value_or(0));
  } else {
    field(writer, "user");
    field(writer, contact.user);
    if (aor.starts_with("sip:" + contact.user + '@')) field(writer, contact.uri);  // names the account, not the device
  }
  const auto digest = common::crypto::sha256(writer.view());
  return common::base64url_encode(common::ByteSpan{digest}.first(kFlowIdBytes));
}

void Registrar::on_register(RegisterRequest request, common::Instant now, common::WallTime date, Done done) {
  auto pending = std::make_shared<Pending>(Pending{std::move(request), now, date, std::move(done)});
  const RegisterRequest& r = pending->request;
  if (r.contacts.size() > kMaxContacts || r.path.size() > kMaxPath) {
    return answer(*pending, {403, "Too Many Contacts Or Path Values", {}});
  }
  if (!r.path.empty() && !r.supports_path) {  // RFC 3327 §5.3: the user agent must know of it
    return answer(*pending, {421, "Extension Required", {{"Require", "path"}}});
  }
  attempt(std::move(pending), kTries);
}

void Registrar::attempt(std::shared_ptr<Pending> pending, int tries_left) {
  if (tries_left == 0) return answer(*pending, {500, "Registration Contention", {{"Retry-After", "1"}}});
  const std::string aor = pending->request.aor;
  const auto now = pending->now;
  store_.load(aor, now, [this, pending = std::move(pending), tries_left](auto loaded) {
    if (!loaded) return answer(*pending, {503, "Registration Store Unavailable", {{"Retry-After", "5"}}});
    if (pending->request.contacts.empty()) return answer_with(*pending, loaded->bindings, false);
    const BindingUpdate update{settings_, pending->request,
                               [&](const Contact& c) { return flow_id(pending->request.aor, c); }, pending->now};
    const RegisterRequest& r = pending->request;
    if (update.is_outbound() && r.supports_outbound && !r.first_hop && !r.edge_outbound) {
      return answer(*pending, {439, "First Hop Lacks Outbound Support", {}});
    }
    auto changed = update.apply(std::move(loaded->bindings));
    if (!changed) return answer(*pending, std::move(changed.error()));
    commit(pending, loaded->revision, *changed, update.is_outbound(), tries_left);
  });
}

void Registrar::commit(const std::shared_ptr<Pending>& pending, std::uint64_t revision,
                       const std::vector<store::Binding>& bindings, bool outbound, int tries_left) {
  store_.replace(pending->request.aor, revision, bindings,
                 [this, pending, bindings, outbound, tries_left](auto stored) {
                   if (!stored)
                     return answer(*pending, {503, "Registration Store Unavailable", {{"Retry-After", "5"}}});
                   if (!*stored) return attempt(pending, tries_left - 1);
                   answer_with(*pending, bindings, outbound);
                 });
}

void Registrar::answer_with(const Pending& pending, const std::vector<store::Binding>& bindings, bool outbound) {
  RegisterReply reply;
  for (const store::Binding& binding : bindings) {
    reply.headers.emplace_back("Contact", contact_value(binding, pending.now));
  }
  for (const std::string& value : pending.request.path) reply.headers.emplace_back("Path", value);
  const bool keeps_flow = pending.request.first_hop || pending.request.edge_outbound;
  if (outbound && pending.request.supports_outbound && keeps_flow) {  // RFC 5626 §6
    reply.headers.emplace_back("Require", "outbound");
    reply.headers.emplace_back("Flow-Timer", std::to_string(settings_.flow_timer));
  }
  reply.headers.emplace_back("Supported", "path, outbound");
  reply.headers.emplace_back("Date", http_date(pending.date));
  answer(pending, std::move(reply));
}

void Registrar::answer(const Pending& pending, RegisterReply reply) {
  ++(reply.status < 300 ? counters_.accepted : reply.status == 423 ? counters_.too_brief : counters_.rejected);
  pending.done(std::move(reply));
}

void Registrar::on_connection_closed(const std::vector<store::Binding>& bindings) {
  for (const store::Binding& binding : bindings) {
    store_.remove_if_same(binding.flow_id, binding.generation, binding.flow.connection, [this](auto removed) {
      if (removed && *removed) ++counters_.dropped_with_connection;
    });
  }
}

}  // namespace proxy::registrar
