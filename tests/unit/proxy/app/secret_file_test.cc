#include "proxy/app/secret_file.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "tests/support/test_certificates.h"

using namespace proxy::app;

namespace {

struct Bench {
  test::TempDir dir;
  common::crypto::SeededRandom random{3};
  std::string path = dir.file("proxy.secret");

  /// A file as it should be but for its text.
  void write(const std::string& text) const {
    dir.write("proxy.secret", text);
    REQUIRE(::chmod(path.c_str(), 0600) == 0);
  }
  std::string content() const {
    std::ifstream file{path};
    return {std::istreambuf_iterator<char>{file}, {}};
  }
  bool exists() const { return std::filesystem::exists(path); }
};

bool holds(const std::string& text, std::string_view piece) { return text.find(piece) != std::string::npos; }

}  // namespace

TEST_CASE("a secret is made once, for its owner only", "[config][proxy]") {
  Bench bench;
  const auto made = load_or_make_secrets(bench.path, bench.random);
  REQUIRE(made);
  CHECK(made->current.size() == 32);
  CHECK_FALSE(made->other);
  struct stat status{};
  REQUIRE(::stat(bench.path.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  CHECK(bench.content().size() == 65);
  CHECK(load_or_make_secrets(bench.path, bench.random) == made);
  CHECK(load_secrets(bench.path) == made);
}

TEST_CASE("a running proxy makes no new secret", "[config][proxy]") {
  const Bench bench;
  const auto secrets = load_secrets(bench.path);
  REQUIRE_FALSE(secrets);
  CHECK(secrets.error().starts_with(bench.path + ": cannot be read: No such file"));
  CHECK_FALSE(bench.exists());
}

TEST_CASE("a second line of the file is a second secret", "[config][proxy]") {
  const Bench bench;
  bench.write(std::string(64, 'a') + "\r\n" + std::string(64, 'B') + "\n\n");
  const auto secrets = load_secrets(bench.path);
  REQUIRE(secrets);
  CHECK(secrets->current == common::Bytes(32, 0xaa));
  CHECK(secrets->other == common::Bytes(32, 0xbb));
}

TEST_CASE("a file that others may read is refused, with what to do", "[config][proxy]") {
  Bench bench;
  bench.write(std::string(64, 'a'));
  for (const ::mode_t mode : {0640, 0604, 0620, 0601}) {
    REQUIRE(::chmod(bench.path.c_str(), mode) == 0);
    const auto secrets = load_or_make_secrets(bench.path, bench.random);
    REQUIRE_FALSE(secrets);
    CHECK(holds(secrets.error(), "run chmod 600 on it"));
  }
  REQUIRE(::chmod(bench.path.c_str(), 0400) == 0);
  CHECK(load_or_make_secrets(bench.path, bench.random));
}

TEST_CASE("a file of another form is refused and left as it is", "[config][proxy]") {
  Bench bench;
  for (const std::string& text : {std::string{}, std::string{"\n"}, std::string{"1234\n"}, std::string(62, 'a'),
                                  std::string(66, 'a'), std::string(63, 'a') + 'g', std::string(64, 'a') + "\nhalf\n",
                                  std::string(64, 'a') + '\n' + std::string(64, 'b') + '\n' + std::string(64, 'c'),
                                  std::string(64, 'a') + ' ' + std::string(64, 'b'), std::string(5000, 'a')}) {
    bench.write(text);
    const auto secrets = load_or_make_secrets(bench.path, bench.random);
    REQUIRE_FALSE(secrets);
    CHECK(holds(secrets.error(), "one or two secrets of 64 hexadecimal digits"));
    CHECK(bench.content() == text);
  }
}

TEST_CASE("a secret that cannot be made is a problem that names the file", "[config][proxy]") {
  Bench bench;
  const auto secrets = load_or_make_secrets("/nonexistent/x", bench.random);
  REQUIRE_FALSE(secrets);
  CHECK(secrets.error().starts_with("/nonexistent/x: cannot be made: "));
}

TEST_CASE("a check knows what would fail and makes nothing", "[config][proxy]") {
  const Bench bench;
  CHECK_FALSE(problem_of_secrets(bench.path));
  CHECK_FALSE(bench.exists());
  CHECK(problem_of_secrets("/nonexistent/x")->starts_with("/nonexistent/x: cannot be made: "));
  bench.write("1234");
  CHECK(holds(*problem_of_secrets(bench.path), "one or two secrets"));
  bench.write(std::string(64, 'a'));
  CHECK_FALSE(problem_of_secrets(bench.path));
}
