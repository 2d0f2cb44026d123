#pragma once

#include <chrono>

#include "common/base/bytes.h"
#include "proxy/dns/records.h"

namespace proxy::dns {

/// How a name server answered one question, RFC 1035 §4.1.
template <class Records>
struct Answer {
  Outcome<Records> records;    // never an empty list
  std::chrono::seconds ttl{};  // of the records, or of their absence (RFC 2308 §5); 0: the server did not say
};

/// Reads a whole response, aliases followed. It comes from the network: what does not parse is ServerFailure, records
/// that lead to names nobody may ask for are left out, and at most 64 are taken.
Answer<SrvRecords> read_srv(common::ByteSpan response);
Answer<NaptrRecords> read_naptr(common::ByteSpan response);

/// True for a name that may be asked for: letters, digits, '-', '_' and dots, RFC 1035 §2.3.4 in length.
bool is_valid_name(std::string_view name) noexcept;

}  // namespace proxy::dns
