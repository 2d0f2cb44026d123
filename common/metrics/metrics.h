#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Prometheus exposition, pulled: shards keep plain numbers, a collector copies them out when somebody scrapes.
namespace common::metrics {

enum class Kind : std::uint8_t { Counter, Gauge, Histogram };

/// A declared metric; a constant of the area that owns it: `constexpr Family
/// kReceived{"relay_rtp_received_packets_total", …}`.
struct Family {
  std::string_view name;  // Prometheus naming, base units
  Kind kind;
  std::string_view help;
};

/// Label values are bounded sets (`method`, `reason`), never a Call-ID or an address of a peer.
using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

/// Plain numbers of one histogram with fixed bounds, kept by one thread and copied for a scrape.
template <std::size_t N>
struct Histogram {
  std::array<double, N> bounds{};             // upper bounds, ascending
  std::array<std::uint64_t, N + 1> counts{};  // not cumulative; the last one is beyond every bound
  double sum = 0;

  void observe(double value) noexcept {
    std::size_t bucket = 0;
    while (bucket < N && value > bounds[bucket]) ++bucket;
    ++counts[bucket];
    sum += value;
  }
  /// Adds the numbers of another shard; the bounds must be the same.
  void add(const Histogram& other) noexcept {
    for (std::size_t i = 0; i <= N; ++i) counts[i] += other.counts[i];
    sum += other.sum;
  }
};

/// What one scrape gives. Values of one family may be added with different labels.
class Page {
 public:
  Page();
  ~Page();
  Page(Page&&) noexcept;
  Page& operator=(Page&&) noexcept;

  /// A counter or gauge, as `family` says.
  void add(const Family& family, double value, Labels labels = {});
  template <std::size_t N>
  void add(const Family& family, const Histogram<N>& histogram, Labels labels = {}) {
    add_histogram(family, histogram.bounds, histogram.counts, histogram.sum, labels);
  }

  /// Text exposition format 0.0.4, families in the order of their first value.
  std::string text() const;

 private:
  void add_histogram(const Family& family, std::span<const double> bounds, std::span<const std::uint64_t> counts,
                     double sum, Labels labels);
  struct Families;
  std::unique_ptr<Families> families_;
};

/// The collectors of a process. Not thread-safe: belongs to the loop that serves `/metrics`.
class Registry {
 public:
  using Collector = std::function<void(Page&)>;
  void add(Collector collector) { collectors_.push_back(std::move(collector)); }
  /// Runs every collector and gives the page's text.
  std::string expose() const;

 private:
  std::vector<Collector> collectors_;
};

/// Media type of expose().
constexpr std::string_view kContentType = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace common::metrics
