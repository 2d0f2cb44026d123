#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "common/time/instant.h"

/// One line per event on standard error: `level event key=value…`. Any thread may write.
namespace common::log {

enum class Level : std::uint8_t { Debug, Info, Warn, Error };

/// `debug`, `info`, `warn`, `error`.
std::optional<Level> parse_level(std::string_view name) noexcept;
std::string_view to_string(Level level) noexcept;

/// A value that must not be read in a log: shown as a short fingerprint, the same for the same value within a process.
struct Redacted {
  std::string_view value;
};

/// One `key=value`. Borrows text: use it within the full expression that made it.
class Field {
 public:
  using Value = std::variant<std::string_view, Redacted, std::int64_t, std::uint64_t, double, bool>;

  Field(std::string_view name, std::string_view shown) : key(name), value(shown) {}
  Field(std::string_view name, const char* shown) : key(name), value(std::string_view{shown}) {}
  Field(std::string_view name, const std::string& shown) : key(name), value(std::string_view{shown}) {}
  Field(std::string_view name, Redacted shown) : key(name), value(shown) {}
  Field(std::string_view name, bool shown) : key(name), value(shown) {}
  Field(std::string_view name, double shown) : key(name), value(shown) {}
  template <std::signed_integral I>
  Field(std::string_view name, I shown) : key(name), value(std::int64_t{shown}) {}
  template <std::unsigned_integral U>
    requires(!std::same_as<U, bool>)
  Field(std::string_view name, U shown) : key(name), value(std::uint64_t{shown}) {}

  std::string_view key;
  Value value;
};
using Fields = std::initializer_list<Field>;

/// Lines below `level` are dropped from now on. `info` until called.
void set_level(Level level) noexcept;
Level level() noexcept;

/// Writes one line if `level` is high enough. Values with spaces, quotes or control characters are quoted and escaped,
/// so that hostile text cannot forge a line. `event` is a stable name: `call.offer_rejected`.
void write(Level level, std::string_view event, Fields fields = {});

inline void debug(std::string_view event, Fields fields = {}) { write(Level::Debug, event, fields); }
inline void info(std::string_view event, Fields fields = {}) { write(Level::Info, event, fields); }
inline void warn(std::string_view event, Fields fields = {}) { write(Level::Warn, event, fields); }
inline void error(std::string_view event, Fields fields = {}) { write(Level::Error, event, fields); }

/// The line as written, without time and line end.
std::string format_line(Level level, std::string_view event, Fields fields);

/// Lines go to `sink` instead of standard error until it is replaced by an empty one. For tests.
void set_sink(std::function<void(std::string_view line)> sink);

/// Lets `burst` lines pass in each `interval`; for what a peer can provoke. One per call site, owned by one thread.
class RateLimit {
 public:
  explicit RateLimit(Duration interval = std::chrono::seconds{10}, unsigned burst = 5)
      : interval_(interval), burst_(burst) {}

  /// The number of lines held back since the last one that passed, or nullopt: be silent.
  std::optional<std::uint64_t> pass(Instant now) noexcept;

 private:
  Duration interval_;
  unsigned burst_;
  Instant window_start_{};
  unsigned in_window_ = 0;
  std::uint64_t held_back_ = 0;
};

}  // namespace common::log
