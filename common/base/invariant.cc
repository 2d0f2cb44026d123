#include "common/base/invariant.h"

#include <cstdio>
#include <cstdlib>

namespace common {

void invariant_failed(const char* condition, const char* meaning, std::source_location where) {
  std::fprintf(stderr, "invariant broken at %s:%u: %s (%s)\n", where.file_name(), where.line(), meaning, condition);
  std::abort();
}

}  // namespace common
