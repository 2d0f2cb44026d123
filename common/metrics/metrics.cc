#include "common/metrics/metrics.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <limits>

#include "common/base/invariant.h"

namespace common::metrics {
namespace {

prometheus::MetricType library_type(Kind kind) {
  switch (kind) {
    case Kind::Counter:
      return prometheus::MetricType::Counter;
    case Kind::Gauge:
      return prometheus::MetricType::Gauge;
    case Kind::Histogram:
      return prometheus::MetricType::Histogram;
  }
  return prometheus::MetricType::Untyped;
}

}  // namespace

struct Page::Families {
  std::vector<prometheus::MetricFamily> all;

  /// A fresh metric of `family`, which is created when it has none yet.
  prometheus::ClientMetric& append(const Family& family, Labels labels) {
    prometheus::ClientMetric& metric = find(family).metric.emplace_back();
    for (const auto& [name, value] : labels) {
      metric.label.push_back({std::string{name}, std::string{value}});
    }
    return metric;
  }

 private:
  prometheus::MetricFamily& find(const Family& family) {
    for (prometheus::MetricFamily& known : all) {
      if (known.name == family.name) return known;
    }
    return all.emplace_back(
        prometheus::MetricFamily{std::string{family.name}, std::string{family.help}, library_type(family.kind), {}});
  }
};

Page::Page() : families_(std::make_unique<Families>()) {}
Page::~Page() = default;
Page::Page(Page&&) noexcept = default;
Page& Page::operator=(Page&&) noexcept = default;

void Page::add(const Family& family, double value, Labels labels) {
  INVARIANT(family.kind != Kind::Histogram, "a histogram needs buckets, not one value");
  prometheus::ClientMetric& metric = families_->append(family, labels);
  (family.kind == Kind::Counter ? metric.counter.value : metric.gauge.value) = value;
}

void Page::add_histogram(const Family& family, std::span<const double> bounds, std::span<const std::uint64_t> counts,
                         double sum, Labels labels) {
  INVARIANT(family.kind == Kind::Histogram, "buckets belong to a histogram");
  prometheus::ClientMetric& metric = families_->append(family, labels);
  std::uint64_t cumulative = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    cumulative += counts[i];
    const double bound = i < bounds.size() ? bounds[i] : std::numeric_limits<double>::infinity();
    metric.histogram.bucket.push_back({cumulative, bound});
  }
  metric.histogram.sample_count = cumulative;
  metric.histogram.sample_sum = sum;
}

std::string Page::text() const { return prometheus::TextSerializer{}.Serialize(families_->all); }

std::string Registry::expose() const {
  Page page;
  for (const Collector& collect : collectors_) collect(page);
  return page.text();
}

}  // namespace common::metrics
