#include "tests/support/test_certificates.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "common/base/invariant.h"

namespace test {
namespace {

using KeyPtr = std::shared_ptr<EVP_PKEY>;
using CertificatePtr = std::shared_ptr<X509>;

KeyPtr make_key() { return {EVP_EC_gen("P-256"), EVP_PKEY_free}; }

void set_name(X509_NAME* name, const std::string& common_name) {
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(common_name.c_str()), -1,
                             -1, 0);
}

void add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  INVARIANT(extension != nullptr, "a test's extension is well written");
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

CertificatePtr make_certificate(const std::string& common_name, EVP_PKEY* key) {
  static long serial = 1;
  CertificatePtr certificate{X509_new(), X509_free};
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial++);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 86'400);
  set_name(X509_get_subject_name(certificate.get()), common_name);
  X509_set_pubkey(certificate.get(), key);
  return certificate;
}

template <class Write>
void write_pem(const std::string& path, Write write) {
  std::FILE* file = std::fopen(path.c_str(), "w");
  INVARIANT(file != nullptr, "a test may write into its folder");
  INVARIANT(write(file) == 1, "OpenSSL writes PEM");
  std::fclose(file);
}

}  // namespace

TempDir::TempDir() {
  std::string pattern = (std::filesystem::temp_directory_path() / "causeway-test-XXXXXX").string();
  INVARIANT(::mkdtemp(pattern.data()) != nullptr, "a test may make a folder");
  path_ = pattern;
}

TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TempDir::write(const std::string& name, const std::string& content) const {
  const std::filesystem::path path = file(name);
  std::filesystem::create_directories(path.parent_path());
  std::ofstream{path, std::ios::binary} << content;
  return path.string();
}

TestCa::TestCa() : key_(make_key()), certificate_(make_certificate("Test CA", key_.get())) {
  X509_set_issuer_name(certificate_.get(), X509_get_subject_name(certificate_.get()));
  add_extension(certificate_.get(), certificate_.get(), NID_basic_constraints, "critical,CA:TRUE");
  INVARIANT(X509_sign(certificate_.get(), key_.get(), EVP_sha256()) > 0, "a test's authority signs itself");
}
TestCa::~TestCa() = default;

std::string TestCa::write(const TempDir& dir, const std::string& name) const {
  const std::string path = dir.file(name);
  write_pem(path, [&](std::FILE* file) { return PEM_write_X509(file, certificate_.get()); });
  return path;
}

PemFiles TestCa::issue(const TempDir& dir, const std::string& name, const std::string& common_name,
                       const std::vector<std::string>& alternative_names) const {
  const KeyPtr key = make_key();
  const CertificatePtr certificate = make_certificate(common_name, key.get());
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate_.get()));
  std::string names;
  for (const std::string& one : alternative_names) names += (names.empty() ? "" : ",") + one;
  if (!names.empty()) add_extension(certificate.get(), certificate_.get(), NID_subject_alt_name, names);
  INVARIANT(X509_sign(certificate.get(), key_.get(), EVP_sha256()) > 0, "a test's authority signs");
  const PemFiles files{dir.file(name + ".pem"), dir.file(name + ".key")};
  write_pem(files.certificate, [&](std::FILE* file) { return PEM_write_X509(file, certificate.get()); });
  write_pem(files.key, [&](std::FILE* file) {
    return PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
  return files;
}

}  // namespace test
