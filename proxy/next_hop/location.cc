#include "proxy/next_hop/location.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "common/base/text.h"
#include "proxy/next_hop/srv_order.h"

namespace proxy::next_hop {
namespace {

using transport::Kind;

constexpr std::size_t kMostPlaces = 32;

/// RFC 3263 §4.1 and §4.2: what a transport is called in the DNS.
struct Service {
  Kind kind;
  std::string_view naptr;
  std::string_view srv;
};
constexpr std::array kServices{Service{Kind::Udp, "sip+d2u", "_sip._udp."}, Service{Kind::Tcp, "sip+d2t", "_sip._tcp."},
                               Service{Kind::Tls, "sips+d2t", "_sips._tcp."}};

const Service* service_of(Kind kind) {
  const auto found = std::ranges::find(kServices, kind, &Service::kind);
  return found == kServices.end() ? nullptr : &*found;
}

std::string_view describe(dns::DnsError error) {
  constexpr std::array<std::string_view, 4> kTexts{"nothing there", "no answer in time", "the server failed",
                                                   "not a name"};
  return kTexts[static_cast<std::size_t>(error)];
}

std::string_view name_of(Question::Type type) {
  constexpr std::array<std::string_view, 3> kNames{"NAPTR", "SRV", "A/AAAA"};
  return kNames[static_cast<std::size_t>(type)];
}

}  // namespace

Location::Location(Wanted wanted, std::vector<Kind> ours, std::uint64_t seed)
    : wanted_(std::move(wanted)), ours_(std::move(ours)), seed_(seed) {
  wanted_.host = common::to_lower(wanted_.host);
  std::erase_if(ours_, [&](Kind kind) {
    return service_of(kind) == nullptr || (wanted_.secure && !transport::is_secure(kind)) ||
           (wanted_.transport && kind != *wanted_.transport);
  });
  start();
}

bool Location::speaks(Kind kind) const noexcept { return std::ranges::find(ours_, kind) != ours_.end(); }

Kind Location::default_kind() const noexcept {
  if (wanted_.transport) return *wanted_.transport;
  return wanted_.secure ? Kind::Tls : Kind::Udp;
}

void Location::start() {
  const Kind kind = default_kind();
  if (const auto literal = common::IpAddress::parse(wanted_.host)) {
    const std::uint16_t port = wanted_.port != 0 ? wanted_.port : transport::default_port(kind);
    if (speaks(kind)) places_.push_back({kind, port, wanted_.host, {}});
    addresses_[wanted_.host] = {*literal};
  } else if (wanted_.port != 0) {
    ask_address(kind, wanted_.port, wanted_.host);
  } else if (wanted_.transport) {
    guess_services();
  } else {
    ask(Question::Type::Naptr, wanted_.host);
  }
}

void Location::ask(Question::Type type, std::string name) {
  Question question{type, std::move(name)};
  if (std::ranges::find(asked_, question) != asked_.end()) return;
  asked_.push_back(question);
  questions_.push_back(std::move(question));
  ++open_;
}

void Location::ask_service(Kind kind, std::string name) {
  if (!speaks(kind) || places_.size() >= kMostPlaces) return;
  places_.push_back({kind, 0, {}, name});
  ask(Question::Type::Srv, std::move(name));
}

void Location::ask_address(Kind kind, std::uint16_t port, std::string host) {
  if (!speaks(kind) || places_.size() >= kMostPlaces) return;
  places_.push_back({kind, port, host, {}});
  ask(Question::Type::Address, std::move(host));
}

std::vector<Question> Location::take_questions() { return std::exchange(questions_, {}); }

void Location::on_reply(const Question& question, const Reply& reply) {
  --open_;
  std::visit(
      [&](const auto& outcome) {
        if (outcome) return note(question, fmt::format("{} records", outcome->size()));
        note(question, std::string{describe(outcome.error())});
        if (outcome.error() != dns::DnsError::NotFound) error_ = outcome.error();
      },
      reply);
  switch (question.type) {
    case Question::Type::Naptr:
      return on_naptr(std::get<dns::Outcome<dns::NaptrRecords>>(reply));
    case Question::Type::Srv:
      return on_srv(question.name, std::get<dns::Outcome<dns::SrvRecords>>(reply));
    case Question::Type::Address:
      return on_addresses(question.name, std::get<dns::Outcome<dns::Addresses>>(reply));
  }
}

/// RFC 3263 §4.1: without NAPTR records the services are called what everybody calls them.
void Location::guess_services() {
  services_are_guessed_ = true;
  for (const Kind kind : std::vector{ours_}) ask_service(kind, std::string{service_of(kind)->srv} + wanted_.host);
}

void Location::on_naptr(const dns::Outcome<dns::NaptrRecords>& records) {
  if (!records) return records.error() == dns::DnsError::NotFound ? guess_services() : void();
  const auto is_sip = [](const dns::NaptrRecord& record) {
    return record.service.starts_with("sip+") || record.service.starts_with("sips+");
  };
  if (std::ranges::none_of(*records, is_sip)) return guess_services();
  dns::NaptrRecords usable = *records;
  std::ranges::sort(usable);  // by order, then by preference
  for (const dns::NaptrRecord& record : usable) {
    const auto service = std::ranges::find(kServices, record.service, &Service::naptr);
    if (record.flags == "s" && service != kServices.end() && !record.replacement.empty())
      ask_service(service->kind, record.replacement);
  }
}

void Location::on_srv(const std::string& name, const dns::Outcome<dns::SrvRecords>& records) {
  if (records) services_are_guessed_ = false;
  std::vector<Place> places;
  for (Place& place : places_) {
    if (place.service != name) {
      places.push_back(std::move(place));
      continue;
    }
    for (const dns::SrvRecord& record : records ? in_order(*records, seed_) : dns::SrvRecords{}) {
      if (record.target.empty() || places.size() >= kMostPlaces) continue;
      places.push_back({place.kind, record.port, record.target, {}});
      ask(Question::Type::Address, record.target);
    }
  }
  places_ = std::move(places);
  fall_back_to_address();
}

/// Nothing was found under the names that we made up, and nobody failed: the host itself, RFC 3263 §4.2.
void Location::fall_back_to_address() {
  if (!services_are_guessed_ || open_ > 0 || error_ || !places_.empty()) return;
  services_are_guessed_ = false;
  const Kind kind = speaks(default_kind()) || ours_.empty() ? default_kind() : ours_.front();
  ask_address(kind, transport::default_port(kind), wanted_.host);
}

void Location::on_addresses(const std::string& name, const dns::Outcome<dns::Addresses>& addresses) {
  if (addresses) addresses_[name] = in_order(*addresses, seed_);
}

dns::Outcome<Candidates> Location::candidates() const {
  Candidates all;
  for (const Place& place : places_) {
    const auto addresses = addresses_.find(place.host);
    if (addresses == addresses_.end()) continue;
    for (const common::IpAddress& ip : addresses->second) {
      Candidate candidate{place.kind, {ip, {place.port}}, place.host};
      const bool is_new = std::ranges::none_of(all, [&](const Candidate& other) {
        return other.kind == candidate.kind && other.remote == candidate.remote;
      });
      if (is_new) all.push_back(std::move(candidate));
    }
  }
  if (all.empty()) return common::Err{error_.value_or(dns::DnsError::NotFound)};
  return all;
}

void Location::note(const Question& question, const std::string& found) {
  steps_.push_back(fmt::format("{} {}: {}", name_of(question.type), question.name, found));
}

}  // namespace proxy::next_hop
