#include "relay/dtls/record.h"

namespace relay::dtls {

std::optional<Record> take_record(common::ByteSpan& datagram) noexcept {
  common::ByteReader reader(datagram);
  reader.skip(3);  // content type, version
  const std::uint16_t epoch = reader.u16();
  reader.skip(6);  // sequence number
  reader.skip(reader.u16());
  if (!reader.ok()) return std::nullopt;
  const Record record{epoch, datagram.first(reader.offset())};
  datagram = reader.rest();
  return record;
}

}  // namespace relay::dtls
