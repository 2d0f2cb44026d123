#pragma once

#include <string_view>

#include "common/base/bytes.h"

/// Responses of a name server, RFC 1035 §4.1, put together field by field.
namespace test {

inline constexpr std::uint16_t kTypeA = 1;
inline constexpr std::uint16_t kTypeCname = 5;
inline constexpr std::uint16_t kTypeSoa = 6;
inline constexpr std::uint16_t kTypeSrv = 33;
inline constexpr std::uint16_t kTypeNaptr = 35;

/// Labels without compression; empty: the root.
inline common::Bytes dns_name(std::string_view name) {
  common::ByteWriter out;
  while (!name.empty()) {
    const std::string_view label = name.substr(0, name.find('.'));
    out.u8(static_cast<std::uint8_t>(label.size())).text(label);
    name.remove_prefix(std::min(name.size(), label.size() + 1));
  }
  return out.u8(0).take();
}

class DnsResponse {
 public:
  DnsResponse(std::string_view question, std::uint16_t type, std::uint8_t rcode = 0) : rcode_(rcode) {
    question_.bytes(dns_name(question)).u16(type).u16(1);
  }
  DnsResponse& answer(std::string_view owner, std::uint16_t type, std::uint32_t ttl, common::ByteSpan data) {
    ++answers_;
    return record(owner, type, ttl, data);
  }
  DnsResponse& srv(std::string_view owner, std::uint32_t ttl, std::uint16_t priority, std::uint16_t weight,
                   std::uint16_t port, std::string_view target) {
    common::ByteWriter data;
    data.u16(priority).u16(weight).u16(port).bytes(dns_name(target));
    return answer(owner, kTypeSrv, ttl, data.view());
  }
  DnsResponse& naptr(std::string_view owner, std::uint16_t order, std::string_view flags, std::string_view service,
                     std::string_view replacement) {
    common::ByteWriter data;
    data.u16(order).u16(50);
    for (const std::string_view text : {flags, service, std::string_view{}})
      data.u8(static_cast<std::uint8_t>(text.size())).text(text);
    data.bytes(dns_name(replacement));
    return answer(owner, kTypeNaptr, 60, data.view());
  }
  /// In the authority section; after all answers.
  DnsResponse& soa(std::string_view zone, std::uint32_t ttl, std::uint32_t minimum) {
    ++authorities_;
    common::ByteWriter data;
    data.bytes(dns_name("ns." + std::string{zone})).bytes(dns_name("root." + std::string{zone}));
    data.u32(1).u32(7200).u32(900).u32(86400).u32(minimum);
    return record(zone, kTypeSoa, ttl, data.view());
  }
  common::Bytes bytes(std::uint16_t id = 0) const {
    common::ByteWriter out;
    out.u16(id).u16(static_cast<std::uint16_t>(0x8180 | rcode_)).u16(1).u16(answers_).u16(authorities_).u16(0);
    return out.bytes(question_.view()).bytes(records_.view()).take();
  }

 private:
  DnsResponse& record(std::string_view owner, std::uint16_t type, std::uint32_t ttl, common::ByteSpan data) {
    records_.bytes(dns_name(owner)).u16(type).u16(1).u32(ttl);
    records_.u16(static_cast<std::uint16_t>(data.size())).bytes(data);
    return *this;
  }

  std::uint8_t rcode_;
  std::uint16_t answers_ = 0;
  std::uint16_t authorities_ = 0;
  common::ByteWriter question_;
  common::ByteWriter records_;
};

}  // namespace test
