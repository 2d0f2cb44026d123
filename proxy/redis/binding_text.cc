#include "proxy/redis/binding_text.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

namespace proxy::redis {
namespace {

using nlohmann::json;
using transport::Flow;
using transport::ProcessId;

constexpr std::size_t kMaxBindings = 1000;
constexpr std::uint64_t kLastExpiry = 4'102'444'800'000;  // ms: the year 2100
constexpr std::size_t kMaxText = 4096;                    // of one field

json flow_to_json(const Flow& flow, const Frame& frame) {
  const ProcessId process = flow.process == ProcessId{} ? frame.self : flow.process;
  return {{"kind", transport::to_string(flow.kind)}, {"listener", flow.listener.value},
          {"connection", flow.connection.value},     {"process", process.value},
          {"local", flow.local.to_string()},         {"remote", flow.remote.to_string()}};
}

json to_json(const store::Binding& binding, const Frame& frame) {
  const common::WallTime expires =
      frame.wall + std::chrono::duration_cast<std::chrono::milliseconds>(binding.expires_at - frame.now);
  return {{"contact", binding.contact},
          {"params", binding.contact_params},
          {"instance", binding.instance},
          {"reg_id", binding.reg_id},
          {"q", binding.q_thousandths},
          {"call_id", binding.call_id},
          {"cseq", binding.cseq},
          {"flow_id", binding.flow_id},
          {"path", binding.path},
          {"agent", binding.user_agent},
          {"flow", flow_to_json(binding.flow, frame)},
          {"expires", expires.time_since_epoch().count()},
          {"generation", binding.generation.value}};
}

/// Reads members of an object; one that is missing or of another kind makes ok() false for good.
class Members {
 public:
  explicit Members(const json& object) : object_(object), ok_(object.is_object()) {}

  std::string text(const char* name) {
    const json* member = find(name);
    if (member == nullptr || !member->is_string()) return fail<std::string>();
    auto value = member->get<std::string>();
    return value.size() <= kMaxText ? value : fail<std::string>();
  }
  template <class T>
  T number(const char* name) {
    const json* member = find(name);
    if (member == nullptr || !member->is_number_integer()) return fail<T>();
    if (!member->is_number_unsigned() && member->get<std::int64_t>() < 0) return fail<T>();
    const auto value = member->get<std::uint64_t>();
    return value <= std::numeric_limits<T>::max() ? static_cast<T>(value) : fail<T>();
  }
  common::SocketAddress address(const char* name) {
    const auto value = common::SocketAddress::parse(text(name));
    return value ? *value : fail<common::SocketAddress>();
  }
  std::vector<std::string> texts(const char* name) {
    const json* member = find(name);
    if (member == nullptr || !member->is_array() || member->size() > kMaxBindings) {
      return fail<std::vector<std::string>>();
    }
    std::vector<std::string> out;
    for (const json& item : *member) {
      if (!item.is_string()) return fail<std::vector<std::string>>();
      out.push_back(item.get<std::string>());
    }
    return out;
  }
  const json& object(const char* name) {
    const json* member = find(name);
    return member != nullptr ? *member : null_;
  }
  bool ok() const noexcept { return ok_; }

 private:
  const json* find(const char* name) {
    if (!ok_) return nullptr;
    const auto found = object_.find(name);
    return found == object_.end() ? nullptr : &*found;
  }
  template <class T>
  T fail() {
    ok_ = false;
    return T{};
  }

  const json& object_;
  json null_;
  bool ok_;
};

std::optional<Flow> flow_from_json(const json& object, const Frame& frame) {
  Members members{object};
  Flow flow;
  const std::string kind = members.text("kind");
  const auto known = std::ranges::find(transport::kKindNames, kind);
  if (known == transport::kKindNames.end()) return std::nullopt;
  flow.kind = static_cast<transport::Kind>(known - transport::kKindNames.begin());
  flow.listener = {members.number<std::uint16_t>("listener")};
  flow.connection = {members.number<std::uint64_t>("connection")};
  flow.process = {members.number<std::uint32_t>("process")};
  if (flow.process == frame.self) flow.process = {};
  flow.local = members.address("local");
  flow.remote = members.address("remote");
  if (!members.ok()) return std::nullopt;
  return flow;
}

std::optional<store::Binding> from_json(const json& object, const Frame& frame) {
  Members members{object};
  store::Binding binding;
  binding.contact = members.text("contact");
  binding.contact_params = members.text("params");
  binding.instance = members.text("instance");
  binding.reg_id = members.number<std::uint32_t>("reg_id");
  binding.q_thousandths = members.number<std::uint16_t>("q");
  binding.call_id = members.text("call_id");
  binding.cseq = members.number<std::uint32_t>("cseq");
  binding.flow_id = members.text("flow_id");
  binding.path = members.texts("path");
  binding.user_agent = members.text("agent");
  const auto expires = std::min(members.number<std::uint64_t>("expires"), kLastExpiry);
  const common::WallTime expires_at{std::chrono::milliseconds{static_cast<std::int64_t>(expires)}};
  binding.expires_at = frame.now + (expires_at - frame.wall);
  binding.generation = {members.number<std::uint64_t>("generation")};
  const auto flow = flow_from_json(members.object("flow"), frame);
  if (!members.ok() || !flow) return std::nullopt;
  binding.flow = *flow;
  return binding;
}

}  // namespace

std::string to_text(const std::vector<store::Binding>& bindings, const Frame& frame) {
  json array = json::array();
  for (const store::Binding& binding : bindings) array.push_back(to_json(binding, frame));
  return array.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::optional<std::vector<store::Binding>> read_bindings(std::string_view text, const Frame& frame) {
  const json array = json::parse(text, nullptr, false);
  if (!array.is_array() || array.size() > kMaxBindings) return std::nullopt;
  std::vector<store::Binding> bindings;
  for (const json& object : array) {
    auto binding = from_json(object, frame);
    if (!binding) return std::nullopt;
    bindings.push_back(std::move(*binding));
  }
  return bindings;
}

}  // namespace proxy::redis
