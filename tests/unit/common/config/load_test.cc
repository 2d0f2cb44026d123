#include "common/config/load.h"

#include <catch2/catch.hpp>

using namespace common::config;
using namespace std::chrono_literals;

namespace {

enum class Mode { Soft, Hard };
struct Door {
  std::string name;
  Mode mode = Mode::Soft;
};
struct Media {
  std::uint16_t port_min = 30000;
  std::uint16_t port_max = 40000;
  common::Duration timeout = 60s;
  std::size_t buffer = 65536;
  bool strict = false;
  std::vector<std::string> interfaces;
  std::string token;
};
struct House {
  Media media;
  std::vector<Door> doors;
};

Table<House> declared() {
  return Table<House>("", "")
      .table(&House::media, Table<Media>("media", "Ports.")
                                .integer("port_min", &Media::port_min, 1, 65535, "Lowest port.")
                                .integer("port_max", &Media::port_max, 1, 65535, "Highest port.")
                                .duration("timeout", &Media::timeout, 1s, 1h, "Silence.")
                                .size("buffer", &Media::buffer, 1024, 1 << 20, "Room.")
                                .flag("strict", &Media::strict, "Whether.")
                                .list("interface", &Media::interfaces, "Where.")
                                .secret("token", &Media::token, "Key."))
      .tables(&House::doors,
              Table<Door>("door", "Ways in.")
                  .text("name", &Door::name, "Its name.")
                  .required()
                  .choice<Mode>("mode", &Door::mode, {{"soft", Mode::Soft}, {"hard", Mode::Hard}}, "How."));
}

std::vector<std::string> problems(std::string text, const std::vector<Override>& overrides = {}) {
  std::vector<std::string> lines;
  const auto loaded = load(declared(), {"house.toml", std::move(text)}, overrides);
  if (!loaded) {
    for (const Problem& problem : loaded.error()) lines.push_back(problem.to_string());
  }
  return lines;
}

}  // namespace

TEST_CASE("an empty file gives every default", "[config]") {
  const auto house = load(declared(), {"house.toml", ""});
  REQUIRE(house);
  CHECK(house->media.port_min == 30000);
  CHECK(house->media.timeout == 60s);
  CHECK(house->doors.empty());
}

TEST_CASE("values carry their units and repeated tables keep their order", "[config]") {
  const auto house = load(declared(), {"house.toml", R"(
[media]
timeout = "1500ms"
buffer = "64KiB"
strict = true
interface = ["a", "b"]
[[door]]
name = "front"
[[door]]
name = "back"
mode = "hard"
)"});
  REQUIRE(house);
  CHECK(house->media.timeout == 1500ms);
  CHECK(house->media.buffer == 65536);
  CHECK(house->media.strict);
  CHECK(house->media.interfaces == std::vector<std::string>{"a", "b"});
  REQUIRE(house->doors.size() == 2);
  CHECK(house->doors[1].name == "back");
  CHECK(house->doors[1].mode == Mode::Hard);
}

TEST_CASE("every problem of a file is named with line, value and remedy", "[config]") {
  const auto lines = problems(R"([media]
prot_min = 1
port_max = 70000
timeout = 60
buffer = "64 bytes"
strict = "yes"
interface = [1.5]
[[door]]
mode = "hrad"
[door2]
)");
  REQUIRE(lines.size() == 9);
  CHECK(lines[0] == "house.toml:2: media.prot_min is not a known key; did you mean port_min?");
  CHECK(lines[1] == "house.toml:3: media.port_max 70000 is outside 1 to 65535; write a number in this range");
  CHECK(lines[2] == "house.toml:4: media.timeout 60 has the wrong type; write a duration in quotes such as \"60s\"");
  CHECK(lines[3] ==
        "house.toml:5: media.buffer \"64 bytes\" is not a size; write a whole number and one of B, KiB, MiB, GiB, "
        "e.g. \"64KiB\"");
  CHECK(lines[4] == "house.toml:6: media.strict \"yes\" has the wrong type; write true or false");
  CHECK(lines[5] == "house.toml:7: media.interface has the wrong type; write a list of texts such as [\"a\", \"b\"]");
  CHECK(lines[6] == "house.toml:8: door[1].name is missing; add name = … (text)");
  CHECK(lines[7] == "house.toml:9: door[1].mode \"hrad\" is not one of soft, hard; did you mean \"hard\"?");
  CHECK(lines[8] == "house.toml:10: door2 is not a known key; did you mean door?");
}

TEST_CASE("broken TOML is named with line and column", "[config]") {
  const auto lines = problems("[media]\nport_min = = 3\n");
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].starts_with("house.toml:2: column "));
}

TEST_CASE("a single table written twice or as a list is refused", "[config]") {
  CHECK(problems("[[media]]\nport_min = 3\n").size() == 1);
  CHECK(problems("[door]\nname = \"x\"\n").size() == 1);
  CHECK(problems("media = 3\n").size() == 1);
}

TEST_CASE("a secret never appears in a message", "[config]") {
  for (const std::string& line : problems("[media]\ntoken = 4711\n")) CHECK(line.find("4711") == std::string::npos);
}

TEST_CASE("flags and environment variables override single keys, lists add up", "[config]") {
  const auto env = overrides_from_environment(declared().decl(), "HOUSE", [](const char* name) -> const char* {
    return std::string_view{name} == "HOUSE_MEDIA_PORT_MIN" ? "1000" : nullptr;
  });
  REQUIRE(env.size() == 1);
  std::vector<Override> overrides = env;
  overrides.push_back({"media.interface", "x", "--interface"});
  overrides.push_back({"media.interface", "y", "--interface"});
  overrides.push_back({"media.timeout", "5s", "--timeout"});
  const auto house = load(declared(), {"house.toml", "[media]\nport_min = 7\ninterface = [\"a\"]\n"}, overrides);
  REQUIRE(house);
  CHECK(house->media.port_min == 1000);
  CHECK(house->media.interfaces == std::vector<std::string>{"x", "y"});
  CHECK(house->media.timeout == 5s);
}

TEST_CASE("a bad override is named by its flag", "[config]") {
  const auto lines = problems("", {{"media.port_min", "many", "--port-min"}, {"media.prot", "1", "--prot"}});
  REQUIRE(lines.size() == 2);
  CHECK(lines[0] == "--port-min: media.port_min \"many\" is not a whole number; write digits only");
  CHECK(lines[1] == "--prot: media.prot is not a known key; see the reference for the keys");
}

TEST_CASE("a contradiction between keys is reported at the key's line, once", "[config]") {
  const std::function<void(const House&, Report&)> check = [](const House& house, Report& report) {
    if (house.media.port_max < house.media.port_min) {
      report.complain("media.port_max", std::to_string(house.media.port_max), "is below media.port_min 30000",
                      "raise port_max or lower port_min");
    }
  };
  const auto loaded = load(declared(), {"relay.toml", "[media]\n\nport_max = 29999\n"}, {}, check);
  REQUIRE_FALSE(loaded);
  REQUIRE(loaded.error().size() == 1);
  CHECK(loaded.error()[0].to_string() ==
        "relay.toml:3: media.port_max 29999 is below media.port_min 30000; raise port_max or lower port_min");
}

TEST_CASE("a missing file is one problem that names it", "[config]") {
  const auto source = read_source("/nonexistent/house.toml");
  REQUIRE_FALSE(source);
  CHECK(source.error().to_string() ==
        "/nonexistent/house.toml: cannot be read: No such file or directory; name a readable file");
}
