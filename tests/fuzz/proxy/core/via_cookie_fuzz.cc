#include "proxy/core/via_cookie.h"

#include "common/base/encoding.h"
#include "common/base/invariant.h"
#include "proxy/core/branch.h"

using namespace proxy::core;

namespace {

constexpr std::string_view kAssociated = "via\nnext\ncall";

const Sealer& sealer() {
  static const Sealer shared{Sealer::derive(common::as_bytes("secret"))};
  static const bool same = [] {  // what is sealed below is what the proxy would open
    const auto text = seal_via_cookie(shared, ViaCookie{}, "next", "call");
    return shared.open(*common::base64url_decode(text), kAssociated).has_value();
  }();
  INVARIANT(same, "a cookie is bound to the Via below and the Call-ID in this way");
  return shared;
}

}  // namespace

/// As text the input is a forgery (and perhaps a branch). As contents under our own seal it is read or refused, and
/// what is read survives being sealed again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = common::as_text({data, size});
  INVARIANT(!open_via_cookie(sealer(), input, "next", "call"), "nothing is forged");
  if (const auto loop = read_branch(input)) INVARIANT(loop->depth < 256, "a depth is one byte");
  if (size == 0) return 0;
  const auto text = common::base64url_encode(sealer().seal({data, size}, kAssociated));
  const auto opened = open_via_cookie(sealer(), text, "next", "call");
  if (!opened) return 0;
  const auto again = open_via_cookie(sealer(), seal_via_cookie(sealer(), *opened, "next", "call"), "next", "call");
  INVARIANT(again == opened, "a cookie survives being sealed again");
  return 0;
}
