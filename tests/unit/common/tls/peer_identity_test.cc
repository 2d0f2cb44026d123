#include "common/tls/peer_identity.h"

#include <openssl/pem.h>
#include <openssl/x509.h>

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/test_certificates.h"

namespace {

/// A certificate with these alternative names and this common name.
class Certificate {
 public:
  explicit Certificate(const std::vector<std::string>& names, const std::string& common_name = "proxy.example") {
    const test::TempDir dir;
    const std::string path = test::TestCa{}.issue(dir, "server", common_name, names).certificate;
    const std::unique_ptr<BIO, decltype(&BIO_free)> file{BIO_new_file(path.c_str(), "r"), &BIO_free};
    certificate_.reset(PEM_read_bio_X509(file.get(), nullptr, nullptr, nullptr));
    REQUIRE(certificate_);
  }
  bool is_for(std::string_view domain) const { return common::tls::certificate_is_for(certificate_.get(), domain); }

 private:
  std::unique_ptr<X509, decltype(&X509_free)> certificate_{nullptr, &X509_free};
};

}  // namespace

TEST_CASE("a certificate speaks for its DNS names, whole and in any case", "[tls][rfc5922]") {
  const Certificate certificate{{"DNS:proxy.example", "DNS:second.example"}};
  CHECK(certificate.is_for("PROXY.example"));
  CHECK(certificate.is_for("second.example"));
  for (const auto* other : {"other.example", "a.proxy.example", "example", "proxy.example.", ""})
    CHECK_FALSE(certificate.is_for(other));
}

TEST_CASE("a wildcard speaks for nobody", "[tls][rfc5922]") {
  CHECK_FALSE(Certificate{{"DNS:*.example"}}.is_for("proxy.example"));
  CHECK_FALSE(Certificate{{"URI:sip:*.example"}}.is_for("proxy.example"));
}

TEST_CASE("SIP URIs in a certificate win over its DNS names", "[tls][rfc5922]") {
  const Certificate certificate{{"DNS:host.carrier.example", "URI:sip:carrier.example", "URI:SIP:Other.example"}};
  CHECK(certificate.is_for("carrier.example"));
  CHECK(certificate.is_for("other.example"));
  CHECK_FALSE(certificate.is_for("host.carrier.example"));
}

TEST_CASE("a URI that names more or less than a SIP domain counts for nothing", "[tls][rfc5922]") {
  for (const auto* uri :
       {"URI:sip:user@carrier.example", "URI:sip:carrier.example:5061", "URI:sip:carrier.example;transport=tls",
        "URI:sips:carrier.example", "URI:https://carrier.example"}) {
    CAPTURE(uri);
    CHECK_FALSE(Certificate{{uri}}.is_for("carrier.example"));
    CHECK(Certificate{{uri, "DNS:carrier.example"}}.is_for("carrier.example"));
  }
}

TEST_CASE("the common name counts only without alternative names", "[tls][rfc5922]") {
  CHECK(Certificate{{}, "proxy.example"}.is_for("Proxy.example"));
  CHECK_FALSE(Certificate{{}, "proxy.example"}.is_for("other.example"));
  CHECK_FALSE(Certificate{{"IP:127.0.0.1"}, "proxy.example"}.is_for("proxy.example"));
}

TEST_CASE("a literal address needs an address entry", "[tls]") {
  CHECK(Certificate{{"IP:127.0.0.1"}}.is_for("127.0.0.1"));
  CHECK(Certificate{{"IP:2001:db8:0:0:0:0:0:1"}}.is_for("2001:db8::1"));
  CHECK(Certificate{{"IP:::1"}}.is_for("[::1]"));
  CHECK_FALSE(Certificate{{"IP:127.0.0.1"}}.is_for("127.0.0.2"));
  CHECK_FALSE(Certificate{{"DNS:127.0.0.1"}}.is_for("127.0.0.1"));
  CHECK_FALSE(Certificate{{}, "127.0.0.1"}.is_for("127.0.0.1"));
}
