#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/config/problem.h"
#include "common/config/schema.h"

namespace common::config {

/// The text of a configuration file. An empty text is a valid file: every key has its default.
struct Source {
  std::string name;  // for messages
  std::string text;
};

/// One key set from outside the file. Lists take comma-separated items, and several overrides of one list add up.
struct Override {
  std::string key;     // "media.port_min"; keys of repeated tables cannot be overridden
  std::string value;   // as on a command line: no quotes
  std::string origin;  // "--port-min", "CAUSEWAY_MEDIA_PORT_MIN"
};

/// Reads a whole file. Error: one Problem that names the file and the cause.
Result<Source, Problem> read_source(const std::string& path);

/// Every key of a non-repeated table can be set by `PREFIX_TABLE_KEY` in upper case. `lookup` is std::getenv in
/// production.
std::vector<Override> overrides_from_environment(const TableDecl& root, std::string_view prefix,
                                                 const std::function<const char*(const char*)>& lookup);

/// Collects problems and knows where each key was written, for checks that span several keys.
class Report {
 public:
  /// `key` is a path as in a Problem; where it was not written, the line of its table is taken.
  void complain(std::string_view key, std::string_view value, std::string problem, std::string remedy);
  /// True if the key was written in the file or overridden.
  bool is_set(std::string_view key) const;

  bool empty() const noexcept { return problems_.empty(); }
  Problems take();  // in order of lines

  struct Place {
    std::string origin;
    unsigned line = 0;
  };
  void remember(std::string key, Place place) { places_[std::move(key)] = std::move(place); }
  void add(Problem problem) { problems_.push_back(std::move(problem)); }
  Place place_of(std::string_view key) const;

 private:
  std::map<std::string, Place, std::less<>> places_;
  Problems problems_;
};

/// Fills `target` (a value-initialised struct described by `root`) and reports everything that is wrong.
void load_into(const TableDecl& root, void* target, const Source& source, const std::vector<Override>& overrides,
               Report& report);

/// Reads, converts and checks. All or nothing: a value comes back only when there is not a single problem.
/// `check` looks at the finished value for contradictions between keys.
template <class T>
Result<T, Problems> load(const Table<T>& root, const Source& source, const std::vector<Override>& overrides = {},
                         const std::function<void(const T&, Report&)>& check = {}) {
  T value{};
  Report report;
  load_into(root.decl(), &value, source, overrides, report);
  if (check) check(value, report);
  if (!report.empty()) return Err{report.take()};
  return value;
}

}  // namespace common::config
