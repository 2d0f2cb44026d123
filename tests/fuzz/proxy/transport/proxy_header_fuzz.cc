#include "proxy/transport/proxy_header.h"

#include <algorithm>
#include <string>

#include "common/base/bytes.h"
#include "common/base/invariant.h"

using namespace proxy::transport;

namespace {

/// What is said in the end, and after how many bytes.
struct Said {
  std::string word;
  std::size_t taken = 0;
  friend bool operator==(const Said&, const Said&) = default;
};

Said read(common::ByteSpan bytes, std::size_t step) {
  ProxyHeaderReader reader;
  Said said;
  while (!bytes.empty()) {
    const std::size_t count = std::min({bytes.size(), step, reader.wanted()});
    INVARIANT(count > 0, "a header that is whole has been told");
    const auto result = reader.push(bytes.first(count));
    said.taken += count;
    bytes = bytes.subspan(count);
    INVARIANT(said.taken <= ProxyHeaderReader::kLongest, "a header has its bound");
    if (!result) return {result.error() == ProxyHeaderError::NotOne ? "not one" : "malformed", 0};
    if (!*result) continue;
    said.word = (*result)->source ? (*result)->source->to_string() : "none";
    return said;
  }
  return {"not whole", 0};
}

}  // namespace

/// Pieces of a header say what the whole says, and take as much of what comes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Said whole = read({data, size}, size);
  INVARIANT(read({data, size}, 1) == whole, "a header is the same byte by byte");
  INVARIANT(read({data, size}, 7) == whole, "a header is the same in pieces");
  return 0;
}
