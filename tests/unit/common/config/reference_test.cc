#include "common/config/reference.h"

#include <catch2/catch.hpp>

#include "common/config/load.h"

using namespace common::config;
using namespace std::chrono_literals;

namespace {

enum class Mode { Soft, Hard };
struct Door {
  std::string name;
  Mode mode = Mode::Soft;
};
struct Lock {
  std::string key;
  std::string maker = "x|y";
};
struct Media {
  std::uint16_t port_min = 30000;
  common::Duration timeout = 60s;
  std::vector<std::string> interfaces;
  std::string token;
  std::string domain;
  Lock lock;
};
struct House {
  Media media;
  std::vector<Door> doors;
};

TableDecl declared() {
  return Table<House>("", "")
      .table(&House::media, Table<Media>("media", "Ports.")
                                .integer("port_min", &Media::port_min, 1, 65535, "Lowest port.")
                                .duration("timeout", &Media::timeout, 1s, 1h, "Silence.")
                                .list("interface", &Media::interfaces, "Where.")
                                .secret("token", &Media::token, "Key.")
                                .text("domain", &Media::domain, "Whose.")
                                .required()
                                .example("\"example.org\"")
                                .table(&Media::lock, Table<Lock>("lock", "What closes.")
                                                         .text("key", &Lock::key, "What opens it: a|b|c.")
                                                         .text("maker", &Lock::maker, "By whom.")))
      .tables(&House::doors,
              Table<Door>("door", "Ways in.")
                  .text("name", &Door::name, "Its name.")
                  .required()
                  .choice<Mode>("mode", &Door::mode, {{"soft", Mode::Soft}, {"hard", Mode::Hard}}, "How."))
      .decl();
}

bool holds(const std::string& text, std::string_view piece) { return text.find(piece) != std::string::npos; }

}  // namespace

TEST_CASE("the reference has a row for every key: type, default, range, meaning", "[config]") {
  const std::string page = reference(declared(), "House", "HOUSE");
  CHECK(page.starts_with("# House\n\n"));
  CHECK(holds(page, "`HOUSE_TABLE_KEY`"));
  CHECK(holds(page, "## `[media]`\n\nPorts.\n\n| Key |"));
  CHECK(holds(page, "| `port_min` | integer | `30000` | 1 to 65535 | Lowest port. |\n"));
  CHECK(holds(page, "| `timeout` | duration | `\"1m\"` | 1s to 1h | Silence. |\n"));
  CHECK(holds(page, "| `interface` | list | `[]` | list of texts | Where. |\n"));
  CHECK(holds(page, "| `token` | secret text | none | text | Key. |\n"));
  CHECK(holds(page, "| `domain` | text | required | text | Whose. |\n"));
  CHECK(holds(page, "## `[media.lock]`\n\nWhat closes.\n\n"));
  CHECK(holds(page, "## `[[door]]`\n\nWays in.\n\n"));
  CHECK(holds(page, "| `mode` | text | `\"soft\"` | one of soft, hard | How. |\n"));
}

TEST_CASE("a pipe ends no cell of the reference", "[config]") {
  const std::string page = reference(declared(), "House", "HOUSE");
  CHECK(holds(page, "| `key` | text | none | text | What opens it: a\\|b\\|c. |\n"));
  CHECK(holds(page, "| `maker` | text | `\"x\\|y\"` | text | By whom. |\n"));
}

TEST_CASE("the sample says every default, and of itself sets only what is required", "[config]") {
  const std::string text = sample(declared(), "House");
  CHECK(text.starts_with("# House\n"));
  CHECK(holds(text, "\n# Ports.\n[media]\n# Lowest port. (1 to 65535)\n# port_min = 30000\n"));
  CHECK(holds(text, "# timeout = \"1m\"\n"));
  CHECK(holds(text, "# token = \"\"\n"));
  CHECK(holds(text, "\ndomain = \"example.org\"\n"));
  CHECK(holds(text, "\n# Ways in.\n# [[door]]\n# Its name. (text)\n# name = \"\"\n"));
}

TEST_CASE("the sample file loads without a problem, also with every comment mark of a value removed", "[config]") {
  std::string text = sample(declared(), "House");
  const auto problems = [&] {
    House house;
    Report report;
    load_into(declared(), &house, {"sample.toml", text}, {}, report);
    std::string all;
    for (const Problem& problem : report.take()) all += problem.to_string() + '\n';
    return all;
  };
  CHECK(problems().empty());
  for (const std::string key :
       {"port_min", "timeout", "interface", "token", "key", "maker", "[[door]]", "name", "mode"}) {
    const std::size_t at = text.find("\n# " + key);
    CAPTURE(key);
    REQUIRE(at != std::string::npos);
    text.erase(at + 1, 2);
  }
  CHECK(problems().empty());
}
