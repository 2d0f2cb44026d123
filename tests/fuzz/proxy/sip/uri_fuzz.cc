#include "proxy/sip/uri.h"

#include "common/base/bytes.h"
#include "common/base/invariant.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto uri = proxy::sip::Uri::parse(common::as_text({data, size}));
  if (!uri) return 0;
  INVARIANT(proxy::sip::Uri::parse(uri->to_string()) == uri, "a URI survives its own writer");
  INVARIANT(uri->plain_user().size() <= uri->user.size() + uri->opaque.size(), "unescaping makes nothing longer");
  return 0;
}
