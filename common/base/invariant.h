#pragma once

#include <source_location>

namespace common {

/// Prints the broken promise and its place to standard error, then aborts.
[[noreturn]] void invariant_failed(const char* condition, const char* meaning, std::source_location where);

}  // namespace common

/// A promise our own code makes to itself; a broken one crashes at once. Never for input from outside.
#define INVARIANT(condition, meaning)                                                   \
  do {                                                                                  \
    if (!(condition)) [[unlikely]] {                                                    \
      ::common::invariant_failed(#condition, meaning, std::source_location::current()); \
    }                                                                                   \
  } while (false)
