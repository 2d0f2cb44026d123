#pragma once

#include <cstdint>
#include <optional>

#include "common/base/bytes.h"

namespace relay::dtls {

inline constexpr std::size_t kRecordHeaderSize = 13;  // RFC 6347 §4.1

/// One record as it came, RFC 6347 §4.1. Borrows the datagram.
struct Record {
  std::uint16_t epoch = 0;  // above 0: encrypted
  common::ByteSpan bytes;   // header included
};

/// Takes the first record off `datagram`; nullopt when what is left does not hold a whole one.
std::optional<Record> take_record(common::ByteSpan& datagram) noexcept;

}  // namespace relay::dtls
