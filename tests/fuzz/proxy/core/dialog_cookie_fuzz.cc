#include "proxy/core/dialog_cookie.h"

#include "common/base/encoding.h"
#include "common/base/invariant.h"

using namespace proxy::core;

namespace {

constexpr std::string_view kAssociated = "dialog\ncall\ntag";

const Sealer& sealer() {
  static const Sealer shared{Sealer::derive(common::as_bytes("secret"))};
  static const bool same = [] {  // what is sealed below is what the proxy would open
    const auto text = seal_dialog_cookie(shared, DialogCookie{}, "call", "tag");
    return shared.open(*common::base64url_decode(text), kAssociated).has_value();
  }();
  INVARIANT(same, "a cookie is bound to Call-ID and tag in this way");
  return shared;
}

}  // namespace

/// As text the input is a forgery. As contents under our own seal, perhaps of another version, it is read or refused,
/// and what is read survives being sealed again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  INVARIANT(!open_dialog_cookie(sealer(), common::as_text({data, size}), "call", "tag", "other"), "nothing is forged");
  if (size == 0) return 0;
  const auto text = common::base64url_encode(sealer().seal({data, size}, kAssociated));
  const auto opened = open_dialog_cookie(sealer(), text, "call", "other", "tag");
  if (!opened) return 0;
  INVARIANT(opened->direction == Direction::FromCallee, "the tag tells who speaks");
  const auto again =
      open_dialog_cookie(sealer(), seal_dialog_cookie(sealer(), opened->cookie, "call", "tag"), "call", "tag", "other");
  INVARIANT(again && again->cookie == opened->cookie, "a cookie survives being sealed again");
  return 0;
}
