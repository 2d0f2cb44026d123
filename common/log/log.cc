#include "common/log/log.h"

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <mutex>

#include "common/base/encoding.h"
#include "common/base/overload.h"
#include "common/crypto/digest.h"
#include "common/crypto/random.h"

namespace common::log {
namespace {

struct LevelName {
  Level level;
  std::string_view name;
  spdlog::level::level_enum library;
};
constexpr std::array kLevels{
    LevelName{Level::Debug, "debug", spdlog::level::debug}, LevelName{Level::Info, "info", spdlog::level::info},
    LevelName{Level::Warn, "warn", spdlog::level::warn}, LevelName{Level::Error, "error", spdlog::level::err}};

std::atomic<Level>& threshold() noexcept {
  static std::atomic<Level> level{Level::Info};
  return level;
}

/// The journal stamps every line itself; anywhere else the line carries its time.
std::shared_ptr<spdlog::logger> make_logger() {
  auto logger = std::make_shared<spdlog::logger>("causeway", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  const bool journal = std::getenv("JOURNAL_STREAM") != nullptr;
  logger->set_pattern(journal ? "%v" : "%Y-%m-%dT%H:%M:%S.%e%z %v");
  logger->set_level(spdlog::level::trace);
  logger->flush_on(spdlog::level::trace);
  return logger;
}

struct Output {
  std::mutex mutex;  // set_sink() against writers of other threads; the logger itself is thread-safe
  std::shared_ptr<spdlog::logger> logger = make_logger();
  std::function<void(std::string_view)> sink;
};

Output& output() {
  static Output instance;
  return instance;
}

bool is_plain(char c) noexcept {
  const auto octet = static_cast<unsigned char>(c);
  return octet > 0x20 && octet != 0x7f && c != '"' && c != '\\' && c != '=';
}

void append_escaped(std::string& line, char c) {
  const auto octet = static_cast<unsigned char>(c);
  if (c == '"' || c == '\\') {
    line += '\\';
    line += c;
  } else if (c == '\n') {
    line += "\\n";
  } else if (c == '\r') {
    line += "\\r";
  } else if (octet < 0x20 || octet >= 0x7f) {
    line += fmt::format("\\x{:02x}", octet);
  } else {
    line += c;
  }
}

void append_text(std::string& line, std::string_view text) {
  constexpr std::size_t kLongest = 1024;  // one value never fills a screen
  const std::string_view shown = text.substr(0, kLongest);
  bool plain = !shown.empty();
  for (const char c : shown) plain = plain && is_plain(c) && static_cast<unsigned char>(c) < 0x80;
  if (plain) {
    line += shown;
  } else {
    line += '"';
    for (const char c : shown) append_escaped(line, c);
    line += '"';
  }
  if (shown.size() < text.size()) line += "...";
}

std::string fingerprint(std::string_view value) {
  static const Bytes salt = crypto::SystemRandom{}.bytes(16);
  const auto mac = crypto::hmac_sha256(salt, as_bytes(value));
  return "redacted:" + hex_encode(ByteSpan{mac}.first(4));
}

void append_value(std::string& line, const Field::Value& value) {
  std::visit(Overload{[&](std::string_view text) { append_text(line, text); },
                      [&](Redacted secret) { line += secret.value.empty() ? "\"\"" : fingerprint(secret.value); },
                      [&](bool flag) { line += flag ? "true" : "false"; },
                      [&](double number) { line += fmt::format("{:.6g}", number); },
                      [&](auto number) { line += fmt::format("{}", number); }},
             value);
}

}  // namespace

std::optional<Level> parse_level(std::string_view name) noexcept {
  for (const LevelName& entry : kLevels) {
    if (entry.name == name) return entry.level;
  }
  return std::nullopt;
}

std::string_view to_string(Level level) noexcept { return kLevels[static_cast<std::size_t>(level)].name; }

void set_level(Level level) noexcept { threshold().store(level, std::memory_order_relaxed); }
Level level() noexcept { return threshold().load(std::memory_order_relaxed); }

std::string format_line(Level level, std::string_view event, Fields fields) {
  std::string line{to_string(level)};
  line += ' ';
  line += event;
  for (const Field& field : fields) {
    line += ' ';
    line += field.key;
    line += '=';
    append_value(line, field.value);
  }
  return line;
}

void write(Level at, std::string_view event, Fields fields) {
  if (at < level()) return;
  const std::string line = format_line(at, event, fields);
  Output& out = output();
  const std::scoped_lock lock{out.mutex};
  if (out.sink) {
    out.sink(line);
  } else {
    out.logger->log(kLevels[static_cast<std::size_t>(at)].library, spdlog::string_view_t{line.data(), line.size()});
  }
}

void set_sink(std::function<void(std::string_view)> sink) {
  Output& out = output();
  const std::scoped_lock lock{out.mutex};
  out.sink = std::move(sink);
}

std::optional<std::uint64_t> RateLimit::pass(Instant now) noexcept {
  if (in_window_ == 0 || now - window_start_ >= interval_) {
    window_start_ = now;
    in_window_ = 0;
  }
  if (in_window_ >= burst_) {
    ++held_back_;
    return std::nullopt;
  }
  ++in_window_;
  return std::exchange(held_back_, 0);
}

}  // namespace common::log
