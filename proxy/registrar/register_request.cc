#include "proxy/registrar/register_request.h"

#include <algorithm>
#include <array>

#include "common/base/text.h"
#include "proxy/sip/name_addr.h"

namespace proxy::registrar {
namespace {

/// Parameters that the registrar writes itself; the others come back as they were.
constexpr std::array<std::string_view, 4> kOwn{"expires", "q", "+sip.instance", "reg-id"};

std::string unquoted(std::string_view text) {
  if (text.size() >= 2 && text.starts_with('"') && text.ends_with('"')) text = text.substr(1, text.size() - 2);
  return std::string{text};
}

/// qvalue of RFC 3261 §25.1: up to three digits behind the point.
std::uint16_t thousandths(std::string_view q) {
  if (q.starts_with('1') || q.empty()) return 1000;
  const std::size_t point = q.find('.');
  std::string digits{point == std::string_view::npos ? std::string_view{} : q.substr(point + 1, 3)};
  digits.resize(3, '0');
  return common::parse_number<std::uint16_t>(digits).value_or(1000);
}

std::string other_params(const sip::Params& params) {
  sip::Params others;
  for (const auto& [name, value] : params.items()) {
    const auto same = [&](std::string_view own) { return common::iequals(own, name); };
    if (std::ranges::none_of(kOwn, same)) others.set(name, value);
  }
  return others.to_string();
}

std::optional<Contact> read_contact(const std::string& value) {
  Contact contact;
  if (value == "*") {
    contact.uri = value;
    return contact;
  }
  const auto address = sip::NameAddr::parse(value);
  if (!address || !address->uri.is_sip()) return std::nullopt;
  contact.uri = address->uri.to_string();
  contact.user = address->uri.plain_user();
  contact.instance = unquoted(address->params.get("+sip.instance"));
  contact.reg_id = common::parse_number<std::uint32_t>(address->params.get("reg-id"));
  contact.expires = common::parse_number<std::uint32_t>(address->params.get("expires"));
  contact.q_thousandths = thousandths(address->params.get("q"));
  contact.other_params = other_params(address->params);
  return contact;
}

bool is_outbound_edge(const std::string& path) {
  const auto address = sip::NameAddr::parse(path);
  return address && address->uri.params.has("ob");
}

}  // namespace

common::Result<RegisterRequest, std::string_view> read_register(const sip::Message& request, std::string aor,
                                                                const transport::Flow& flow) {
  RegisterRequest out;
  out.aor = std::move(aor);
  out.call_id = request.call_id();
  out.cseq = request.cseq()->number;
  for (const std::string& value : request.all("Contact")) {
    auto contact = read_contact(value);
    if (!contact) return common::Err{std::string_view{"Unreadable Contact"}};
    out.contacts.push_back(std::move(*contact));
  }
  out.expires = common::parse_number<std::uint32_t>(request.get("Expires"));
  out.path = request.all("Path");
  out.supports_path = request.list_has("Supported", "path");
  out.supports_outbound = request.list_has("Supported", "outbound");
  out.first_hop = request.all("Via").size() == 1;
  out.edge_outbound = !out.path.empty() && is_outbound_edge(out.path.back());
  out.user_agent = request.get("User-Agent");
  out.flow = flow;
  return out;
}

}  // namespace proxy::registrar
