#pragma once

#include <memory>
#include <string>
#include <vector>

struct x509_st;
struct evp_pkey_st;

/// Certificates for tests, made on the spot.
namespace test {

/// A folder of its own that goes away with the object.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  const std::string& path() const noexcept { return path_; }
  std::string file(const std::string& name) const { return path_ + "/" + name; }
  /// Writes a file (with the folders in `name`) and gives its path.
  std::string write(const std::string& name, const std::string& content) const;

 private:
  std::string path_;
};

struct PemFiles {
  std::string certificate;
  std::string key;
};

/// A certificate authority with an ECDSA P-256 key.
class TestCa {
 public:
  TestCa();
  ~TestCa();
  std::string write(const TempDir& dir, const std::string& name) const;
  /// `alternative_names` as OpenSSL writes them: `DNS:proxy.example`, `URI:sip:example`, `IP:127.0.0.1`. None: no such
  /// extension. Writes NAME.pem and NAME.key.
  PemFiles issue(const TempDir& dir, const std::string& name, const std::string& common_name,
                 const std::vector<std::string>& alternative_names) const;

 private:
  std::shared_ptr<evp_pkey_st> key_;  // OpenSSL's handles with their deleters; not shared
  std::shared_ptr<x509_st> certificate_;
};

}  // namespace test
