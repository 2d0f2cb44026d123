#include <cerrno>
#include <cstring>
#include <fstream>

#include "proxy/app/config_check.h"
#include "proxy/routing/rate_deck.h"

namespace proxy::app {
namespace {

using common::config::quote;
using common::config::Report;

constexpr std::size_t kLargestFile = std::size_t{64} << 20;

/// nullopt: it cannot be read, or is too large; the report says so.
std::optional<std::string> read_file(const std::string& path, const std::string& key, Report& report) {
  std::ifstream file{path, std::ios::binary | std::ios::ate};
  const auto size = file ? static_cast<std::streamoff>(file.tellg()) : std::streamoff{-1};
  if (size < 0 || static_cast<std::size_t>(size) > kLargestFile) {
    report.complain(key, quote(path), size < 0 ? std::string{"cannot be read"} : "is larger than 64MiB",
                    "name a CSV file of prefix,price lines that this user may read");
    return std::nullopt;
  }
  std::string text(static_cast<std::size_t>(size), '\0');
  file.seekg(0);
  file.read(text.data(), size);
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

void read_file_of(const trunk::Trunk& trunk, const std::string& key, std::vector<routing::Rate>& rates,
                  Report& report) {
  if (trunk.rates_file.empty()) return;
  const auto text = read_file(trunk.rates_file, key, report);
  if (!text) return;
  const auto deck = routing::read_rate_deck(*text);
  for (const auto& mistake : deck.mistakes) {
    report.add({trunk.rates_file, mistake.line, "", quote(mistake.value), {mistake.problem, mistake.remedy}});
  }
  rates.insert(rates.end(), deck.rates.begin(), deck.rates.end());
}

}  // namespace

/// What the configuration itself says of a prefix holds before what the file says.
void load_rates(ProxyConfig& config, Report& report) {
  for (std::size_t i = 0; i < config.trunks.size(); ++i) {
    std::vector<routing::Rate> rates = config.trunks[i].rates;
    read_file_of(config.trunks[i], at("trunk", i, "rates_file"), rates, report);
    if (!rates.empty()) config.rates.try_emplace(config.trunks[i].name, std::move(rates));
  }
}

}  // namespace proxy::app
