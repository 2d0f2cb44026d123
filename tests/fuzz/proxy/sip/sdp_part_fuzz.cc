#include "proxy/sip/sdp_part.h"

#include <string>

#include "common/base/bytes.h"
#include "common/base/invariant.h"
#include "common/base/text.h"

/// The first line is a Content-Type, the rest a body. What is found lies inside of it, and what is put in its place is
/// found there again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest = common::as_text({data, size});
  const std::string_view type = common::take_until(rest, '\n');
  const auto part = proxy::sip::find_sdp(type, rest);
  if (!part) return 0;
  INVARIANT(part->begin <= rest.size() && part->size <= rest.size() - part->begin, "a part lies inside of its body");
  std::string other{rest};
  constexpr std::string_view kSdp = "v=0\r\n";
  other.replace(part->begin, part->size, kSdp);
  const auto again = proxy::sip::find_sdp(type, other);
  INVARIANT(again && again->begin == part->begin, "a description that was replaced is found where it was");
  INVARIANT(again->size == kSdp.size(), "and is what was put there");
  return 0;
}
