#include "proxy/core/teardown_blob.h"

#include <algorithm>

#include "common/base/encoding.h"
#include "common/base/invariant.h"

using namespace proxy::core;

namespace {

constexpr std::string_view kAssociated = "teardown";

const Sealer& sealer() {
  static const Sealer shared{Sealer::derive(common::as_bytes("secret"))};
  static const bool same = [] {  // what is sealed below is what the proxy would open
    return shared.open(*common::base64url_decode(*seal_teardown_blob(shared, TeardownBlob{})), kAssociated).has_value();
  }();
  INVARIANT(same, "a blob is sealed for this purpose");
  return shared;
}

/// More than the writer keeps of a list of routes.
bool is_longer_than_written(const TeardownEnd& end) { return end.route_set.size() > 32; }

}  // namespace

/// As text the input is a forgery. As contents under our own seal it is read or refused, and what is read survives
/// being sealed again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  INVARIANT(!open_teardown_blob(sealer(), common::as_text({data, size})), "nothing is forged");
  if (size == 0 || size > 4096) return 0;
  const auto blob = open_teardown_blob(sealer(), common::base64url_encode(sealer().seal({data, size}, kAssociated)));
  if (!blob || is_longer_than_written(blob->caller) || is_longer_than_written(blob->callee)) return 0;
  INVARIANT(open_teardown_blob(sealer(), *seal_teardown_blob(sealer(), *blob)) == blob, "a blob survives being sealed");
  return 0;
}
