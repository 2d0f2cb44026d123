#include "proxy/routing/pattern.h"

#include "common/base/bytes.h"
#include "common/base/invariant.h"
#include "common/base/text.h"

using proxy::routing::Pattern;

/// A pattern, a line end, a number.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view number = common::as_text({data, size});
  const auto text = common::take_until(number, '\n');
  const auto pattern = Pattern::parse(text);
  if (!pattern) {
    INVARIANT(!to_string(pattern.error()).empty(), "a refusal has words");
    return 0;
  }
  const auto again = Pattern::parse(pattern->text());
  INVARIANT(again && again->matches(number) == pattern->matches(number), "a pattern is its text");
  return 0;
}
