#include "proxy/core/redirect.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "common/base/text.h"
#include "proxy/stage/stages.h"

namespace proxy::core {
namespace {

constexpr double kWithoutQ = 1.0;

double q_of(const sip::NameAddr& contact) {
  const std::string_view text = contact.params.get("q");
  if (text.empty()) return kWithoutQ;
  if (text == "0" || text == "1") return text == "1" ? 1.0 : 0.0;
  if (text.size() > 5 || (!text.starts_with("0.") && !text.starts_with("1."))) return 0.0;
  const auto digits = common::parse_number<unsigned>(std::string{text.substr(2)}.append(5 - text.size(), '0'));
  return text.front() == '1' ? 1.0 : digits.value_or(0) / 1000.0;
}

const trunk::Trunk* trunk_at(const sip::Uri& uri, const trunk::TrunkTable& trunks) {
  const auto address = common::IpAddress::parse(uri.host);
  const auto found = std::ranges::find_if(trunks.all(), [&](const trunk::Trunk& trunk) {
    return common::iequals(trunk.host, uri.host) || (address && trunks.owns(trunk, *address));
  });
  return found == trunks.all().end() ? nullptr : &*found;
}

/// Asks the stages that find targets about one contact after another, as about requests of their own.
class RedirectSearch : public std::enable_shared_from_this<RedirectSearch> {
 public:
  RedirectSearch(ContextPtr context, std::vector<sip::Uri> contacts, Services& services, RedirectDone done)
      : context_(std::move(context)), contacts_(std::move(contacts)), services_(services), done_(std::move(done)) {}

  void next() {
    if (at_ == contacts_.size()) return done_(std::move(groups_));
    const sip::Uri& contact = contacts_[at_++];
    asked_ = std::make_shared<RequestContext>(*context_);
    asked_->request.set_request_uri(contact.to_string());
    asked_->targets.clear();
    asked_->more_targets = false;
    asked_->trunk.clear();  // who has redirected is called here, whoever called him
    asked_->on_targets = [self = shared_from_this()] { self->on_targets(); };  // until collect()
    const bool is_secure = contact.scheme == "sips" || !sip::is_sips(context_->request.request_uri());
    const bool is_here = contact.scheme == "tel" || services_.listeners.serves(contact);
    const auto* trunk = contact.is_sip() ? trunk_at(contact, services_.administration.trunks) : nullptr;
    if (is_secure && is_here) return ask_user();
    if (!is_secure || trunk == nullptr) return collect();
    stage::search_trunks(asked_, services_, {"redirect", contact.plain_user(), {trunk->name}, context_->media});
  }

 private:
  void ask_user() {
    asked_->on_resume = [self = shared_from_this()](Verdict verdict) { self->on_user(std::move(verdict)); };
    Verdict verdict = stage::find_user(asked_, services_);
    if (!std::holds_alternative<Suspend>(verdict)) asked_->resume(std::move(verdict));
  }

  void on_user(Verdict verdict) {
    const bool goes_on = std::holds_alternative<Continue>(verdict);
    if (!asked_->targets.empty() || !goes_on) return collect();
    if (!std::holds_alternative<Suspend>(stage::find_trunks(asked_, services_))) collect();
  }

  void on_targets() {
    if (!asked_->more_targets) collect();
  }

  void collect() {
    const auto self = shared_from_this();
    asked_->on_targets = nullptr;
    if (std::holds_alternative<Continue>(stage::keep_secure(asked_, services_))) {
      for (auto& group : asked_->targets) groups_.push_back(std::move(group));
    }
    next();
  }

  ContextPtr context_;
  std::vector<sip::Uri> contacts_;
  Services& services_;
  RedirectDone done_;
  std::size_t at_ = 0;
  ContextPtr asked_;
  std::vector<std::vector<Target>> groups_;
};

}  // namespace

std::vector<sip::Uri> contacts_of(const sip::Message& response) {
  std::vector<sip::NameAddr> contacts;
  for (const std::string& value : response.all("Contact")) {
    if (auto contact = sip::NameAddr::parse(value)) contacts.push_back(std::move(*contact));
  }
  std::ranges::stable_sort(contacts, std::ranges::greater{}, q_of);
  if (contacts.size() > kMaxContacts) contacts.resize(kMaxContacts);
  std::vector<sip::Uri> uris;
  for (sip::NameAddr& contact : contacts) {
    contact.uri.headers.clear();  // fields that the callee would like to put into our request
    uris.push_back(std::move(contact.uri));
  }
  return uris;
}

void find_redirected(const ContextPtr& context, std::vector<sip::Uri> contacts, Services& services, RedirectDone done) {
  std::make_shared<RedirectSearch>(context, std::move(contacts), services, std::move(done))->next();
}

}  // namespace proxy::core
