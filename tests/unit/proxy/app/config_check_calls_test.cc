#include <catch2/catch.hpp>

#include "proxy/app/config_check.h"
#include "tests/support/proxy_configuration.h"

using tests::configuration_problem;

TEST_CASE("a user is named as a SIP URI can name him, and has something to prove it with", "[config][proxy]") {
  CHECK(configuration_problem("[[user]]\nname = \"alice\"\n") ==
        "p.toml:9: user[1].password is missing; add password, ha1_md5 or ha1_sha256");
  CHECK(configuration_problem("[[user]]\nname = \"alice\"\nha1_md5 = \"abc\"\n") ==
        "p.toml:11: user[1].ha1_md5 *** is not a hash in hexadecimal; write 32 hexadecimal digits");
  CHECK(configuration_problem("[[user]]\nname = \"al ice@\"\npassword = \"p\"\n") ==
        "p.toml:10: user[1].name \"al ice@\" cannot stand in a SIP URI as it is; use letters, digits and - _ . ! ~ * ' "
        "( ) & = + $ ,");
  CHECK(configuration_problem("[[user]]\nname = \"alice\"\nha1_sha256 = \"" + std::string(32, 'a') + "\"\n") ==
        "p.toml:11: user[1].ha1_sha256 *** is not a hash in hexadecimal; write 64 hexadecimal digits");
  CHECK(configuration_problem("[[user]]\nname = \"\"\npassword = \"p\"\n") ==
        "p.toml:10: user[1].name is empty; give it a name");
  CHECK(configuration_problem("[[user]]\nname = \"a\"\npassword = \"p\"\n[[user]]\nname = \"a\"\npassword = \"q\"\n") ==
        "p.toml:13: user[2].name \"a\" is used twice; give each its own name");
  CHECK(configuration_problem("[[user]]\nname = \"alice.o'hara-1\"\nha1_md5 = \"" + std::string(32, 'A') + "\"\n")
            .empty());
}

TEST_CASE("a trunk says where it is, and what it says of secrets fits together", "[config][proxy]") {
  CHECK(configuration_problem("srtp = \"sdes-required\"\ntransport = \"udp\"\n") ==
        "p.toml:9: trunk[1].srtp would send media keys over unencrypted signalling; set transport = \"tls\", or "
        "allow_sdes_without_tls = true if the path is protected otherwise");
  CHECK(configuration_problem("transport = \"tls\"\n") ==
        "p.toml:9: trunk[1].transport has no listener for the trunk's own requests; add a [[listen]] with the same "
        "transport");
  CHECK(configuration_problem("tls_name = \"x\"\ntransport = \"udp\"\n") ==
        "p.toml:9: trunk[1].tls_name \"x\" is of no use without TLS; remove it or set transport = \"tls\"");
  CHECK(configuration_problem("username = \"u\"\n") ==
        "p.toml:6: trunk[1].password is missing; give username and password, or neither");
  CHECK(configuration_problem("codecs = [\"PCUM\"]\n") ==
        "p.toml:9: trunk[1].codecs \"PCUM\" is not a codec; did you mean \"PCMU\"?");
  CHECK(configuration_problem("[[trunk]]\nname = \"b\"\nhost = \"not a host!\"\n") ==
        "p.toml:11: trunk[2].host \"not a host!\" is neither an address nor a name; write e.g. \"192.0.2.1\" or "
        "\"sip.carrier.example\"");
  CHECK(configuration_problem("[[trunk]]\nname = \"carrier\"\nhost = \"b\"\n") ==
        "p.toml:10: trunk[2].name \"carrier\" is used twice; give each its own name");
  CHECK(configuration_problem("username = \"u\"\npassword = \"p\"\nsrtp = \"sdes-required\"\n"
                              "allow_sdes_without_tls = true\n")
            .empty());
}

TEST_CASE("what a trunk says of numbers can be done", "[config][proxy]") {
  CHECK(configuration_problem("[trunk.caller]\nshow = \"number\"\n") ==
        "p.toml:9: trunk[1].caller.number is missing; name the number to show");
  CHECK(configuration_problem("number_format = \"national\"\n") ==
        "p.toml:9: trunk[1].number_format needs to know the country; set country_code in [routing], or leave numbers "
        "as-is");
  CHECK(configuration_problem("number_format = \"e164\"\n[trunk.caller]\nformat = \"e164-no-plus\"\n[routing]\n"
                              "country_code = \"49\"\n")
            .empty());
}

TEST_CASE("a codec that looks like a typing error is one, an unknown name is not", "[config][proxy]") {
  CHECK(configuration_problem("codecs = [\"opus/48000/2\", \"pcma\", \"X-Vendor-Codec\"]\n").empty());
  CHECK(configuration_problem("codecs = [\"\"]\n")
            .starts_with("p.toml:9: trunk[1].codecs \"\" is not a codec; name e.g. PCMU"));
}

TEST_CASE("a route leads to trunks that there are, each once, with media that can be what it asks", "[config][proxy]") {
  CHECK(configuration_problem("[[route]]\nname = \"r\"\nmatch = \"default\"\ntrunks = [\"carier\"]\n") ==
        "p.toml:12: route[1].trunks \"carier\" is not a trunk; did you mean \"carrier\"?");
  CHECK(configuration_problem("[[route]]\nname = \"r\"\nmatch = \"1\"\ntrunks = []\n") ==
        "p.toml:12: route[1].trunks is empty; name at least one trunk");
  CHECK(configuration_problem("[[route]]\nname = \"r\"\nmatch = \"1\"\ntrunks = [\"carrier\", \"carrier\"]\n") ==
        "p.toml:12: route[1].trunks \"carrier\" is named twice; name each trunk once");
  CHECK(configuration_problem("[[route]]\nname = \"r\"\nmatch = \"1\"\ntrunks = [\"carrier\"]\nmedia = "
                              "\"off\"\nrequire_encryption = true\n") ==
        "p.toml:13: route[1].media \"off\" leaves nothing to encrypt and no interface to choose; remove "
        "require_encryption and the interfaces, or let the relay carry the media");
  CHECK(configuration_problem("[[route]]\nname = \"r\"\nmatch = \"1\"\ntrunks = [\"somebody\"]\n") ==
        "p.toml:12: route[1].trunks \"somebody\" is not a trunk; add a [[trunk]] of this name");
}

TEST_CASE("a route names its trunks in one way, each once", "[config][proxy]") {
  const std::string route = "[[route]]\nname = \"r\"\nmatch = \"1\"\n";
  CHECK(configuration_problem(route + "choice = [{ trunk = \"carier\", weight = 0 }]\n") ==
        "p.toml:12: route[1].choice[1].trunk \"carier\" is not a trunk; did you mean \"carrier\"?");
  CHECK(configuration_problem(route + "choice = [{ trunk = \"carrier\" }, { trunk = \"carrier\" }]\n") ==
        "p.toml:12: route[1].choice[2].trunk \"carrier\" is named twice; name each trunk once");
  CHECK(
      configuration_problem(route + "trunks = [\"carrier\"]\nchoice = [{ trunk = \"carrier\" }]\n")
          .starts_with("p.toml:12: route[1].trunks says the same as [[route.choice]]; name the trunks in one of them"));
  CHECK(configuration_problem(route + "choice = [{ trunk = \"carrier\", priority = 1, weight = 2 }]\n").empty());
}

TEST_CASE("a route that no number reaches is a mistake", "[config][proxy]") {
  const auto second = [](const std::string& first_match, const std::string& second_match) {
    return configuration_problem("[[route]]\nname = \"a\"\nmatch = \"" + first_match +
                                 "\"\ntrunks = [\"carrier\"]\n[[route]]\nname = \"b\"\nmatch = \"" + second_match +
                                 "\"\ntrunks = [\"carrier\"]\n");
  };
  CHECK(second("default", "1") ==
        "p.toml:15: route[2].match \"1\" is never reached; move it before the route that matches everything");
  CHECK(second("*", "1") ==
        "p.toml:15: route[2].match \"1\" is never reached; move it before the route that matches everything");
  CHECK(second("1X", "1X") ==
        "p.toml:15: route[2].match \"1X\" is never reached; an earlier route has the same pattern; remove one of them");
  CHECK(second("1X", "1.").empty());
}

TEST_CASE("a domain's users register here or with a trunk, not both", "[config][proxy][rfc5626]") {
  const auto with = [](const std::string& domain) {
    return configuration_problem("registrar_of = [\"" + domain + "\"]\n");
  };
  CHECK(with("pbx.example").empty());
  CHECK(with("Example.org").starts_with("p.toml:9: trunk[1].registrar_of \"Example.org\" is a domain whose users "));
  CHECK(with("pbx example").find("is neither a name nor an address") != std::string::npos);
}
