#include "proxy/app/proxy_config.h"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "common/base/encoding.h"
#include "common/config/reference.h"
#include "proxy/app/secret_file.h"
#include "tests/support/test_certificates.h"

using namespace proxy::app;
using namespace std::chrono_literals;

namespace {

/// A folder of its own that is gone afterwards.
struct Folder {
  std::filesystem::path path;
  Folder() {
    char name[] = "/tmp/causeway-test-XXXXXX";
    REQUIRE(::mkdtemp(name) != nullptr);
    path = name;
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string file(const std::string& name, const std::string& text = "") const {
    if (!text.empty()) std::ofstream{path / name} << text;
    return (path / name).string();
  }
  /// A certificate and its key under these names.
  void issue(const std::string& certificate, const std::string& key) const {
    const test::TempDir dir;
    const auto files = test::TestCa{}.issue(dir, "server", "proxy.example", {"DNS:proxy.example"});
    std::filesystem::copy_file(files.certificate, path / certificate,
                               std::filesystem::copy_options::overwrite_existing);
    std::filesystem::copy_file(files.key, path / key, std::filesystem::copy_options::overwrite_existing);
  }
};

const std::string kBase =
    "[proxy]\ndomains = [\"example.org\"]\n"                   // 1, 2
    "[[listen]]\ntransport = \"udp\"\n"                        // 3, 4
    "address = \"192.0.2.1:5060\"\n"                           // 5
    "[[trunk]]\nname = \"carrier\"\nhost = \"192.0.2.20\"\n";  // 6, 7, 8

/// The problems of kBase with `more` behind it (from line 9 on).
std::vector<std::string> problems(const std::string& more, const std::string& base = kBase) {
  const auto config = load_configuration({"p.toml", base + more});
  std::vector<std::string> lines;
  if (!config) {
    for (const auto& problem : config.error()) lines.push_back(problem.to_string());
  }
  return lines;
}

}  // namespace

TEST_CASE("a small file is complete and the rest has defaults", "[config][proxy]") {
  const auto config = load_configuration({"p.toml", kBase});
  REQUIRE(config);
  CHECK(config->realm() == "example.org");
  CHECK(config->relay.control.front().to_string() == "127.0.0.1:2223");
  CHECK(to_trunks(*config).find("carrier") != nullptr);
  CHECK(to_registrar_settings(*config).default_expires == 600);
  CHECK(to_authenticator_settings(*config).order.front() == proxy::auth::Algorithm::Md5);
  CHECK(to_authenticator_settings(*config).md5_only_agents.front() == "baresip v0.");
}

TEST_CASE("each mistake in a file is one line with its place and remedy", "[config][proxy]") {
  struct Mistake {
    std::string text;
    std::string message;
  };
  const std::vector<Mistake> mistakes = {
      {"srtp = \"sdes-required\"\ntransport = \"udp\"\n",
       "p.toml:9: trunk[1].srtp would send media keys over unencrypted signalling; set transport = \"tls\", or "
       "allow_sdes_without_tls = true if the path is protected otherwise"},
      {"srtp = \"sdes\"\n",
       "p.toml:9: trunk[1].srtp \"sdes\" is not one of rtp, sdes-required, sdes-preferred; choose one of these"},
      {"transport = \"tls\"\n",
       "p.toml:9: trunk[1].transport has no listener for the trunk's own requests; add a [[listen]] with the same "
       "transport"},
      {"tls_name = \"x\"\ntransport = \"udp\"\n",
       "p.toml:9: trunk[1].tls_name \"x\" is of no use without TLS; remove it or set transport = \"tls\""},
      {"username = \"u\"\n", "p.toml:6: trunk[1].password is missing; give username and password, or neither"},
      {"sources = [\"192.0.2.0/40\"]\n",
       "p.toml:9: trunk[1].sources has an item \"192.0.2.0/40\" that is not an address or block; write e.g. "
       "\"192.0.2.1\" or \"192.0.2.0/24\""},
      {"inbound = [{ pattern = \"[\", user = \"a\" }]\n",
       "p.toml:9: trunk[1].inbound[1].pattern \"[\" has a [class] that is empty, backwards or not closed; write "
       "digits, "
       "X (0-9), Z (1-9), N (2-9), [1-5], * and ?, a . at the end, or \"default\""},
      {"[[trunk]]\nname = \"carrier\"\nhost = \"b\"\n",
       "p.toml:10: trunk[2].name \"carrier\" is used twice; give each its own name"},
      {"[[route]]\nname = \"r\"\nmatch = \"default\"\ntrunks = [\"carier\"]\n",
       "p.toml:12: route[1].trunks \"carier\" is not a trunk; did you mean \"carrier\"?"},
      {"[[route]]\nname = \"r\"\nmatch = \"1\"\ntrunks = []\n",
       "p.toml:12: route[1].trunks is empty; name at least one trunk"},
      {"[[route]]\nname = \"r\"\nmatch = \"1\"\n",
       "p.toml:9: route[1].trunks is missing; add trunks = … (list of texts)"},
      {"[[user]]\nname = \"alice\"\n", "p.toml:9: user[1].password is missing; add password, ha1_md5 or ha1_sha256"},
      {"[[user]]\nname = \"alice\"\nha1_md5 = \"abc\"\n",
       "p.toml:11: user[1].ha1_md5 *** is not a hash in hexadecimal; write 32 hexadecimal digits"},
      {"[[listen]]\ntransport = \"tcp\"\naddress = \"192.0.2.1\"\n",
       "p.toml:11: listen[2].address \"192.0.2.1\" is not an address with a port; write e.g. \"192.0.2.1:5060\" or "
       "\"[2001:db8::1]:5060\""},
      {"[[listen]]\ntransport = \"tcp\"\naddress = \"0.0.0.0:5060\"\n",
       "p.toml:11: listen[2].address \"0.0.0.0:5060\" cannot be told to peers; set advertised to the address that "
       "peers reach"},
      {"[[listen]]\ntransport = \"udp\"\naddress = \"192.0.2.1:5060\"\n",
       "p.toml:11: listen[2].address \"192.0.2.1:5060\" is taken by another [[listen]]; give each listener a port of "
       "its own"},
      {"[[listen]]\ntransport = \"tcp\"\naddress = \"192.0.2.1:5060\"\norigins = [\"x\"]\n",
       "p.toml:12: listen[2].origins needs a WebSocket listener; remove it"},
      {"[relay]\ncontrol = [\"198.51.100.1:2223\"]\n",
       "p.toml:10: relay.control \"198.51.100.1:2223\" carries media keys in clear beyond this host; use loopback, or "
       "set allow_control_in_clear = true if the path is protected otherwise"},
      {"[registrar]\nmin_expires = \"20m\"\n",
       "p.toml:9: registrar.default_expires \"10m\" is below registrar.min_expires; keep min_expires <= "
       "default_expires <= max_expires"},
      {"[admin]\nlisten = \"0.0.0.0:8080\"\n",
       "p.toml:10: admin.listen \"0.0.0.0:8080\" is open beyond this host; use a loopback address; publish it through "
       "a web server that asks for a login"},
      {"codecs = [\"PCUM\"]\n", "p.toml:9: trunk[1].codecs \"PCUM\" is not a codec; did you mean \"PCMU\"?"},
      {"[[trunk]]\nname = \"b\"\nhost = \"not a host!\"\n",
       "p.toml:11: trunk[2].host \"not a host!\" is neither an address nor a name; write e.g. \"192.0.2.1\" or "
       "\"sip.carrier.example\""},
      {"[[user]]\nname = \"al ice@\"\npassword = \"p\"\n",
       "p.toml:10: user[1].name \"al ice@\" cannot stand in a SIP URI as it is; use letters, digits and - _ . ! ~ * ' "
       "( ) & = + $ ,"},
      {"[[route]]\nname = \"r\"\nmatch = \"1\"\ntrunks = [\"carrier\", \"carrier\"]\n",
       "p.toml:12: route[1].trunks \"carrier\" is named twice; name each trunk once"},
      {"[[route]]\nname = \"r\"\nmatch = \"1\"\ntrunks = [\"carrier\"]\nmedia = \"off\"\nrequire_encryption = true\n",
       "p.toml:13: route[1].media \"off\" leaves nothing to encrypt and no interface to choose; remove "
       "require_encryption and the interfaces, or let the relay carry the media"},
      {"[limits]\nmax_message = \"1KiB\"\n",
       "p.toml:10: limits.max_message \"1KiB\" is outside 2KiB to 1MiB; write a size in this range"},
  };
  for (const Mistake& mistake : mistakes) {
    const auto lines = problems(mistake.text);
    CAPTURE(mistake.text);
    REQUIRE(lines.size() == 1);
    CHECK(lines[0] == mistake.message);
  }
}

TEST_CASE("a route behind one that matches everything is a mistake", "[config][proxy]") {
  const auto lines = problems(
      "[[route]]\nname = \"a\"\nmatch = \"default\"\ntrunks = [\"carrier\"]\n"
      "[[route]]\nname = \"b\"\nmatch = \"1\"\ntrunks = [\"carrier\"]\n");
  REQUIRE(lines.size() == 1);
  CHECK(lines[0] ==
        "p.toml:15: route[2].match \"1\" is never reached; move it before the route that matches everything");
}

TEST_CASE("of two routes with one pattern the second is a mistake", "[config][proxy]") {
  const auto lines = problems(
      "[[route]]\nname = \"a\"\nmatch = \"1X\"\ntrunks = [\"carrier\"]\n"
      "[[route]]\nname = \"b\"\nmatch = \"1X\"\ntrunks = [\"carrier\"]\n");
  REQUIRE(lines.size() == 1);
  CHECK(lines[0] ==
        "p.toml:15: route[2].match \"1X\" is never reached; an earlier route has the same pattern; remove one of them");
}

TEST_CASE("domains, origins and the secret's file are looked at", "[config][proxy]") {
  const auto lines = problems("",
                              "[proxy]\ndomains = [\"exa mple..org\"]\nsecret_file = \"/nonexistent/x\"\n"
                              "[[listen]]\ntransport = \"ws\"\naddress = \"192.0.2.1:80\"\n"
                              "origins = [\"phone.example.org\", \"https://phone.example.org:8443\"]\n");
  REQUIRE(lines.size() == 3);
  CHECK(lines[0].starts_with("p.toml:2: proxy.domains \"exa mple..org\" is neither a name nor an address"));
  CHECK(lines[1].starts_with("p.toml:3: proxy.secret_file \"/nonexistent/x\" cannot be used"));
  CHECK(lines[2].starts_with("p.toml:7: listen[1].origins \"phone.example.org\" is not what browsers send"));
}

TEST_CASE("an empty file says what is needed", "[config][proxy]") {
  const auto lines = problems("", "");
  REQUIRE(lines.size() == 2);
  CHECK(lines[0] == "p.toml:1: proxy.domains is missing; name at least one domain, e.g. domains = [\"example.org\"]");
  CHECK(lines[1] == "p.toml:1: listen is missing; add at least one [[listen]] table");
}

TEST_CASE("a trunk whose transport the DNS chooses gets no media keys in clear", "[config][proxy]") {
  const auto lines = problems("srtp = \"sdes-required\"\n");
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].find("transport has no listener") != std::string::npos);
}

TEST_CASE("a trunk names the failures that another one could mend, as texts or numbers", "[config][proxy]") {
  const auto config = load_configuration({"p.toml", kBase + "retry_codes = [404, \"503\"]\n"});
  REQUIRE(config);
  CHECK(config->trunks.front().retry_codes == std::vector<int>{404, 503});
  for (const char* code : {"486", "407", "200", "603", "x"}) {
    const auto lines = problems(std::string{"retry_codes = [\""} + code + "\"]\n");
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].starts_with("p.toml:9: trunk[1].retry_codes"));
  }
}

TEST_CASE("all mistakes of a file are reported together, in order", "[config][proxy]") {
  const auto lines = problems("srtp = \"sdes-preferred\"\ntransport = \"udp\"\n[[user]]\nnmae = \"x\"\n[admin]\nport = 1\n");
  CHECK(lines.size() == 5);  // srtp, user name missing, nmae unknown, password missing, admin.port
  CHECK(lines[0].starts_with("p.toml:9: trunk[1].srtp"));
  CHECK(lines.back().starts_with("p.toml:14: admin.port"));
}

TEST_CASE("TLS listeners need readable files, named from the file's own folder", "[config][proxy]") {
  const Folder folder;
  const std::string text = kBase +
                           "[[listen]]\ntransport = \"wss\"\naddress = \"192.0.2.1:443\"\n"
                           "certificate = \"c.pem\"\nkey = \"k.pem\"\nweb_root = \".\"\n";
  const std::string name = folder.file("p.toml");
  const auto broken = load_configuration({name, text});
  REQUIRE_FALSE(broken);
  CHECK(broken.error().size() == 2);
  folder.file("c.pem", "x");
  folder.file("k.pem", "x");
  const auto unusable = load_configuration({name, text});
  REQUIRE_FALSE(unusable);
  REQUIRE(unusable.error().size() == 1);
  CHECK(unusable.error()[0].to_string().find("listen[2].certificate cannot be used") != std::string::npos);

  folder.issue("c.pem", "k.pem");
  const auto config = load_configuration({name, text});
  REQUIRE(config);
  CHECK(config->listeners[1].key == folder.file("k.pem"));
  CHECK(config->proxy.secret_file == folder.file("proxy.secret"));
}

TEST_CASE("the example file passes the check", "[config][proxy]") {
  const Folder folder;
  folder.issue("server.pem", "server.key");
  std::ifstream example{"deploy/examples/proxy.toml"};
  const std::string text{std::istreambuf_iterator<char>{example}, {}};
  REQUIRE(text.size() > 1000);
  const auto config = load_configuration({folder.file("proxy.toml"), text});
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

TEST_CASE("a secret is made once, for its owner only, and refused if others can read it", "[config][proxy]") {
  const Folder folder;
  common::crypto::SeededRandom random{3};
  const std::string path = folder.file("proxy.secret");
  const auto made = load_or_make_secrets(path, random);
  REQUIRE(made);
  CHECK(made->current.size() == 32);
  CHECK_FALSE(made->other);
  CHECK(load_or_make_secrets(path, random) == made);
  ::chmod(path.c_str(), 0644);
  CHECK(load_or_make_secrets(path, random).error().find("chmod 600") != std::string::npos);
  folder.file("bad", "1234\n");
  ::chmod(folder.file("bad").c_str(), 0600);
  CHECK_FALSE(load_or_make_secrets(folder.file("bad"), random));
  CHECK_FALSE(load_or_make_secrets("/nonexistent/x", random));
}

TEST_CASE("a running proxy makes no new secret", "[config][proxy]") {
  const Folder folder;
  CHECK_FALSE(load_secrets(folder.file("proxy.secret")));
  CHECK_FALSE(std::filesystem::exists(folder.file("proxy.secret")));
}

TEST_CASE("a second line of the secret file is a second secret", "[config][proxy]") {
  const Folder folder;
  common::crypto::SeededRandom random{3};
  const std::string path = folder.file("proxy.secret", std::string(64, 'a') + '\n' + std::string(64, 'b') + "\n");
  ::chmod(path.c_str(), 0600);
  const auto secrets = load_or_make_secrets(path, random);
  REQUIRE(secrets);
  CHECK(secrets->current == common::Bytes(32, 0xaa));
  CHECK(secrets->other == common::Bytes(32, 0xbb));
  folder.file("proxy.secret", std::string(64, 'a') + "\nhalf\n");
  CHECK(load_or_make_secrets(path, random).error().find("one or two secrets") != std::string::npos);
}

TEST_CASE("a reload knows which tables it cannot take over", "[config][proxy]") {
  const auto tables = [](const std::string& more, const std::string& base = kBase) {
    const auto running = load_configuration({"p.toml", kBase});
    const auto next = load_configuration({"p.toml", base + more});
    REQUIRE(running);
    REQUIRE(next);
    return tables_to_restart_for(*running, *next);
  };
  CHECK(tables("[[user]]\nname = \"a\"\npassword = \"b\"\n").empty());
  CHECK(tables("[timers]\nringing = \"1m\"\n[dns]\ntimeout = \"1s\"\n") == std::vector<std::string>{"timers", "dns"});
  CHECK(tables("", "[proxy]\nlog_level = \"debug\"" + kBase.substr(7)).empty());
  CHECK(tables("", "[proxy]\nrealm = \"r\"" + kBase.substr(7)) == std::vector<std::string>{"proxy"});
}

TEST_CASE("certificates at other paths need no restart", "[config][proxy]") {
  const auto running = load_configuration({"p.toml", kBase});
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
