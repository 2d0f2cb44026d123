#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "proxy/app/proxy_config.h"

/// The parts of check_configuration(), one file each.
namespace proxy::app {

/// Path of a key in a repeated table, as people count.
inline std::string at(std::string_view table, std::size_t index, std::string_view key) {
  return fmt::format("{}[{}].{}", table, index + 1, key);
}

/// True for an address or a DNS name (RFC 1123 §2.1; underscores as SRV names have them).
bool is_host(std::string_view text);

/// [[listen]] and [tls], their certificates included.
void check_listeners(const ProxyConfig& config, common::config::Report& report);
void check_tls(const TlsSection& tls, common::config::Report& report);
/// [[user]], [[trunk]] and [[route]].
void check_calls(const ProxyConfig& config, common::config::Report& report);

/// Reads the rates of every trunk, from its tables and its file.
void load_rates(ProxyConfig& config, common::config::Report& report);

}  // namespace proxy::app
