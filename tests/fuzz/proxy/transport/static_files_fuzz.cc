#include "proxy/transport/static_files.h"

#include "common/base/bytes.h"
#include "common/base/invariant.h"
#include "common/base/text.h"

/// The path of a request: no file outside of the root, no hidden file.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto file = proxy::transport::StaticFiles::relative_file(common::as_text({data, size}));
  if (!file) return 0;
  INVARIANT(!file->empty() && !file->starts_with('/') && file->find('\0') == std::string::npos,
            "a name below the root");
  for (const auto part : common::split(*file, '/')) INVARIANT(!part.starts_with('.'), "no way up, nothing hidden");
  return 0;
}
