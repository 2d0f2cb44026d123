#pragma once

namespace common {

/// Of every program here; CMake reads it from this line.
inline constexpr const char* kVersion = "0.1.0";

}  // namespace common
