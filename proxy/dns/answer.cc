#include "proxy/dns/answer.h"

#include <arpa/nameser.h>
#include <resolv.h>

#include <algorithm>
#include <array>
#include <optional>

#include "common/base/text.h"

namespace proxy::dns {
namespace {

constexpr std::size_t kLongestName = 253;  // RFC 1035 §2.3.4 as text
constexpr std::size_t kMostRecords = 64;
constexpr int kLongestChain = 8;
constexpr std::chrono::seconds kLongestTtl = std::chrono::hours{24};

std::string canonical(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  return common::to_lower(name);
}

/// One response under libresolv's parser, which checks every length and every compressed name.
class Response {
 public:
  static std::optional<Response> parse(common::ByteSpan bytes) {
    Response response;
    if (ns_initparse(bytes.data(), static_cast<int>(bytes.size()), &response.message_) != 0) return std::nullopt;
    return response;
  }

  int rcode() const { return ns_msg_getflag(message_, ns_f_rcode); }

  /// The question's name at the end of its aliases.
  std::optional<std::string> owner() {
    ns_rr question{};
    if (ns_parserr(&message_, ns_s_qd, 0, &question) != 0) return std::nullopt;
    std::string name = canonical(ns_rr_name(question));
    for (int step = 0; step < kLongestChain; ++step) {
      std::optional<std::string> next;
      each(ns_s_an, [&](const ns_rr& record) {
        if (ns_rr_type(record) == ns_t_cname && canonical(ns_rr_name(record)) == name)
          next = expand(ns_rr_rdata(record));
      });
      if (!next) return name;
      name = std::move(*next);
    }
    return std::nullopt;
  }

  /// False: a record could not be parsed.
  template <class Visit>
  bool each(ns_sect section, Visit visit) {
    for (int i = 0; i < ns_msg_count(message_, section); ++i) {
      ns_rr record{};
      if (ns_parserr(&message_, section, i, &record) != 0) return false;
      visit(record);
    }
    return true;
  }

  /// A name that begins at `at` within the message, without the last dot; nullopt: it is broken.
  std::optional<std::string> expand(const std::uint8_t* at) const {
    std::array<char, NS_MAXDNAME> text{};
    if (dn_expand(ns_msg_base(message_), ns_msg_end(message_), at, text.data(), text.size()) < 0) return std::nullopt;
    return canonical(text.data());
  }

 private:
  ns_msg message_{};
};

common::ByteSpan data_of(const ns_rr& record) { return {ns_rr_rdata(record), std::size_t{record.rdlength}}; }

std::optional<SrvRecord> read(const Response& response, const ns_rr& record, SrvRecord) {
  common::ByteReader data{data_of(record)};
  SrvRecord srv{data.u16(), data.u16(), data.u16(), {}};
  if (!data.ok() || data.remaining() == 0) return std::nullopt;
  auto target = response.expand(data.rest().data());
  if (!target || (!target->empty() && !is_valid_name(*target))) return std::nullopt;
  srv.target = std::move(*target);
  return srv;
}

std::string read_string(common::ByteReader& data) { return std::string{common::as_text(data.bytes(data.u8()))}; }

std::optional<NaptrRecord> read(const Response& response, const ns_rr& record, NaptrRecord) {
  common::ByteReader data{data_of(record)};
  NaptrRecord naptr;
  naptr.order = data.u16();
  naptr.preference = data.u16();
  naptr.flags = common::to_lower(read_string(data));
  naptr.service = common::to_lower(read_string(data));
  naptr.regexp = read_string(data);
  if (!data.ok() || data.remaining() == 0) return std::nullopt;
  auto replacement = response.expand(data.rest().data());
  if (!replacement || (!replacement->empty() && !is_valid_name(*replacement))) return std::nullopt;
  naptr.replacement = std::move(*replacement);
  return naptr;
}

/// RFC 2308 §5: the shorter of the SOA's own TTL and its MINIMUM field, the last of its data.
std::chrono::seconds negative_ttl(Response& response) {
  std::chrono::seconds ttl{};
  response.each(ns_s_ns, [&](const ns_rr& record) {
    const common::ByteSpan data = data_of(record);
    if (ns_rr_type(record) != ns_t_soa || data.size() < 4) return;
    ttl = std::chrono::seconds{std::min(ns_rr_ttl(record), common::ByteReader{data.last(4)}.u32())};
  });
  return std::min(ttl, kLongestTtl);
}

template <class Record>
Answer<std::vector<Record>> read_all(common::ByteSpan bytes, int type) {
  auto response = Response::parse(bytes);
  if (!response) return {common::Err{DnsError::ServerFailure}};
  if (response->rcode() == ns_r_nxdomain) return {common::Err{DnsError::NotFound}, negative_ttl(*response)};
  const auto owner = response->owner();
  if (response->rcode() != ns_r_noerror || !owner) return {common::Err{DnsError::ServerFailure}};
  std::vector<Record> records;
  std::chrono::seconds ttl = kLongestTtl;
  const bool whole = response->each(ns_s_an, [&](const ns_rr& record) {
    ttl = std::min(ttl, std::chrono::seconds{ns_rr_ttl(record)});
    if (ns_rr_type(record) != type || canonical(ns_rr_name(record)) != *owner || records.size() == kMostRecords) return;
    if (auto one = read(*response, record, Record{})) records.push_back(std::move(*one));
  });
  if (!whole) return {common::Err{DnsError::ServerFailure}};
  if (records.empty()) return {common::Err{DnsError::NotFound}, negative_ttl(*response)};
  return {std::move(records), ttl};
}

}  // namespace

Answer<SrvRecords> read_srv(common::ByteSpan response) { return read_all<SrvRecord>(response, ns_t_srv); }
Answer<NaptrRecords> read_naptr(common::ByteSpan response) { return read_all<NaptrRecord>(response, ns_t_naptr); }

bool is_valid_name(std::string_view name) noexcept {
  if (name.empty() || name.size() > kLongestName) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
  });
}

}  // namespace proxy::dns
