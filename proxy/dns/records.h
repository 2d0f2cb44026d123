#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/net/address.h"

/// What the DNS says, as values. Names are in lower case and without the last dot.
namespace proxy::dns {

/// NotFound: the name, or a record of this type, does not exist. The others say nothing about the name.
enum class DnsError : std::uint8_t { NotFound, Timeout, ServerFailure, BadName };

/// IPv4 before IPv6.
using Addresses = std::vector<common::IpAddress>;

/// RFC 2782. Lower priorities come first; an empty target says that there is decidedly no such service.
struct SrvRecord {
  std::uint16_t priority = 0;
  std::uint16_t weight = 0;
  std::uint16_t port = 0;
  std::string target;
  friend auto operator<=>(const SrvRecord&, const SrvRecord&) = default;
};
using SrvRecords = std::vector<SrvRecord>;

/// RFC 3403 §4.1. Flags and service are in lower case.
struct NaptrRecord {
  std::uint16_t order = 0;
  std::uint16_t preference = 0;
  std::string flags;
  std::string service;
  std::string regexp;
  std::string replacement;
  friend auto operator<=>(const NaptrRecord&, const NaptrRecord&) = default;
};
using NaptrRecords = std::vector<NaptrRecord>;

template <class Records>
using Outcome = common::Result<Records, DnsError>;
template <class Records>
using Done = std::function<void(Outcome<Records>)>;

}  // namespace proxy::dns
