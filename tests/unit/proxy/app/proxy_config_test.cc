#include "proxy/app/proxy_config.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "common/config/reference.h"
#include "tests/support/proxy_configuration.h"
#include "tests/support/test_certificates.h"

using namespace proxy::app;
using namespace std::chrono_literals;
using tests::configuration_problem;
using tests::configuration_problems;
using tests::kConfiguration;

TEST_CASE("a small file is complete and the rest has defaults", "[config][proxy]") {
  const auto config = load_configuration({"p.toml", kConfiguration});
  REQUIRE(config);
  CHECK(config->realm() == "example.org");
  CHECK(config->relay.control.front().to_string() == "127.0.0.1:2223");
  CHECK(to_trunks(*config).find("carrier") != nullptr);
  CHECK(to_registrar_settings(*config).default_expires == 600);
  CHECK(to_authenticator_settings(*config).order.front() == proxy::auth::Algorithm::Md5);
  CHECK(to_authenticator_settings(*config).md5_only_agents.front() == "baresip v0.");
}

TEST_CASE("a value that cannot be what its key wants is one line with its place and remedy", "[config][proxy]") {
  CHECK(configuration_problem("srtp = \"sdes\"\n") ==
        "p.toml:9: trunk[1].srtp \"sdes\" is not one of rtp, sdes-required, sdes-preferred; choose one of these");
  CHECK(configuration_problem("sources = [\"192.0.2.0/40\"]\n") ==
        "p.toml:9: trunk[1].sources has an item \"192.0.2.0/40\" that is not an address or block; write e.g. "
        "\"192.0.2.1\" or \"192.0.2.0/24\"");
  CHECK(configuration_problem("inbound = [{ pattern = \"[\", user = \"a\" }]\n") ==
        "p.toml:9: trunk[1].inbound[1].pattern \"[\" has a [class] that is empty, backwards or not closed; write "
        "digits, "
        "X (0-9), Z (1-9), N (2-9), [1-5], * and ?, a . at the end, or \"default\"");
  CHECK(configuration_problem("[[route]]\nname = \"r\"\nmatch = \"1\"\n") ==
        "p.toml:9: route[1].trunks is empty; name at least one trunk");
  CHECK(configuration_problem("[[listen]]\ntransport = \"tcp\"\naddress = \"192.0.2.1\"\n") ==
        "p.toml:11: listen[2].address \"192.0.2.1\" is not an address with a port; write e.g. \"192.0.2.1:5060\" or "
        "\"[2001:db8::1]:5060\"");
  CHECK(configuration_problem("[limits]\nmax_message = \"1KiB\"\n") ==
        "p.toml:10: limits.max_message \"1KiB\" is outside 2KiB to 1MiB; write a size in this range");
}

TEST_CASE("an empty file says what is needed", "[config][proxy]") {
  const auto lines = configuration_problems("", "");
  REQUIRE(lines.size() == 2);
  CHECK(lines[0] == "p.toml:1: proxy.domains is missing; name at least one domain, e.g. domains = [\"example.org\"]");
  CHECK(lines[1] == "p.toml:1: listen is missing; add at least one [[listen]] table");
}

TEST_CASE("a trunk whose transport the DNS chooses gets no media keys in clear", "[config][proxy]") {
  const auto lines = configuration_problems("srtp = \"sdes-required\"\n");
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].find("transport has no listener") != std::string::npos);
}

TEST_CASE("a trunk names the failures that another one could mend, as texts or numbers", "[config][proxy]") {
  const auto config = load_configuration({"p.toml", kConfiguration + "retry_codes = [404, \"503\"]\n"});
  REQUIRE(config);
  CHECK(config->trunks.front().retry_codes == std::vector<int>{404, 503});
  for (const char* code : {"486", "407", "200", "603", "x"}) {
    const auto lines = configuration_problems(std::string{"retry_codes = [\""} + code + "\"]\n");
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].starts_with("p.toml:9: trunk[1].retry_codes"));
  }
}

TEST_CASE("all mistakes of a file are reported together, in order", "[config][proxy]") {
  const auto lines = configuration_problems(
      "srtp = \"sdes-preferred\"\ntransport = \"udp\"\n[[user]]\nnmae = \"x\"\n[admin]\nport = 1\n");
  CHECK(lines.size() == 5);  // srtp, user name missing, nmae unknown, password missing, admin.port
  CHECK(lines[0].starts_with("p.toml:9: trunk[1].srtp"));
  CHECK(lines.back().starts_with("p.toml:14: admin.port"));
}

TEST_CASE("files are named from the folder of the configuration, unless from the root", "[config][proxy]") {
  const test::TempDir dir;
  const auto own = test::TestCa{}.issue(dir, "own", "proxy.example", {"DNS:proxy.example"});
  const std::string text = kConfiguration +
                           "[[listen]]\ntransport = \"wss\"\naddress = \"192.0.2.1:443\"\n"
                           "certificate = \"" +
                           own.certificate + "\"\nkey = \"own.key\"\nweb_root = \".\"\n";
  const auto config = load_configuration({dir.file("p.toml"), text});
  REQUIRE(config);
  CHECK(config->listeners[1].certificate == own.certificate);
  CHECK(config->listeners[1].key == own.key);
  CHECK(config->listeners[1].web_root.starts_with(dir.path()));
  CHECK(config->proxy.secret_file == dir.file("proxy.secret"));
}

TEST_CASE("the example file passes the check", "[config][proxy]") {
  const test::TempDir dir;
  test::TestCa{}.issue(dir, "server", "proxy.example", {"DNS:proxy.example"});
  std::ifstream example{"deploy/examples/proxy.toml"};
  const std::string text{std::istreambuf_iterator<char>{example}, {}};
  REQUIRE(text.size() > 1000);
  const auto config = load_configuration({dir.file("proxy.toml"), text});
  if (!config) {
    for (const auto& problem : config.error()) FAIL_CHECK(problem.to_string());
  }
  REQUIRE(config);
  CHECK(to_router(*config).decide({"0044201", "example.org", "alice"})->number == "+44201");
  CHECK(to_users(*config).find("bob")->ha1_md5);
  const auto trunks = to_trunks(*config);
  CHECK(trunks.inbound_user(*trunks.find("carrier"), "+49301237") == "bob");
}

TEST_CASE("the reference page in docs is the one this program writes", "[config][proxy]") {
  std::ifstream page{"docs/proxy-configuration.md"};
  const std::string text{std::istreambuf_iterator<char>{page}, {}};
  CHECK(text == common::config::reference(declared_configuration().decl(), "Configuration of causeway-proxy",
                                          kEnvironmentPrefix));
}

TEST_CASE("what the parts take is what the file says", "[config][proxy]") {
  const auto config = load_configuration(
      {"p.toml", "[proxy]\ndomains = [\"example.org\"]\nrealm = \"r\"\nsha256_first = true\n" +
                     kConfiguration.substr(kConfiguration.find("[[listen]]")) +
                     "[[route]]\nname = \"r\"\nmatch = \"1X\"\nstrip = 1\nprefix = \"+49\"\ntrunks = [\"carrier\"]\n"
                     "[[user]]\nname = \"a\"\nha1_md5 = \"" +
                     std::string(32, 'b') +
                     "\"\n[registrar]\nmin_expires = \"2m\"\n[limits]\nidle_timeout = \"20m\"\n"
                     "[dns]\nservers = [\"192.0.2.53:53\"]\n"});
  REQUIRE(config);
  CHECK(to_authenticator_settings(*config).realm == "r");
  CHECK(to_authenticator_settings(*config).order.front() == proxy::auth::Algorithm::Sha256);
  CHECK(to_router(*config).decide({"12", "example.org", "a"})->number == "+492");
  CHECK(to_users(*config).find("a")->ha1_md5 == std::string(32, 'b'));
  CHECK_FALSE(to_users(*config).find("a")->password);
  CHECK(to_registrar_settings(*config).min_expires == 120);
  CHECK(to_registrar_settings(*config).flow_timer == 1200);
  CHECK(to_resolver_settings(*config).servers.front().to_string() == "192.0.2.53:53");
  CHECK(to_transport_settings(*config).limits.idle == 20min);
  CHECK(to_transport_settings(*config).listeners.front().advertised.to_string() == "192.0.2.1:5060");
}

TEST_CASE("a reload knows which tables it cannot take over", "[config][proxy]") {
  const auto tables = [](const std::string& more, const std::string& base = kConfiguration) {
    const auto running = load_configuration({"p.toml", kConfiguration});
    const auto next = load_configuration({"p.toml", base + more});
    REQUIRE(running);
    REQUIRE(next);
    return tables_to_restart_for(*running, *next);
  };
  CHECK(tables("[[user]]\nname = \"a\"\npassword = \"b\"\n").empty());
  CHECK(tables("[timers]\nringing = \"1m\"\n[dns]\ntimeout = \"1s\"\n") == std::vector<std::string>{"timers", "dns"});
  CHECK(tables("", "[proxy]\nlog_level = \"debug\"" + kConfiguration.substr(7)).empty());
  CHECK(tables("", "[proxy]\nrealm = \"r\"" + kConfiguration.substr(7)) == std::vector<std::string>{"proxy"});
}

TEST_CASE("certificates at other paths need no restart", "[config][proxy]") {
  const auto running = load_configuration({"p.toml", kConfiguration});
  REQUIRE(running);
  ProxyConfig next = *running;
  next.listeners.front().certificate = "new.pem";
  next.listeners.front().key = "new.key";
  next.tls = {"ca.pem", "client.pem", "client.key"};
  CHECK(tables_to_restart_for(*running, next).empty());
  next.listeners.front().path = "/sip";
  CHECK(tables_to_restart_for(*running, next) == std::vector<std::string>{"listen"});
  next.listeners.clear();
  CHECK(tables_to_restart_for(*running, next) == std::vector<std::string>{"listen"});
}
