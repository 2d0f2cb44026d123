#include "proxy/app/secret_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "common/base/encoding.h"
#include "common/base/text.h"
#include "common/net/fd.h"

namespace proxy::app {
namespace {

constexpr std::size_t kSecretSize = 32;

std::string failed(const std::string& path, std::string_view what) {
  return fmt::format("{}: cannot be {}: {}; name a file in a folder that this user may write", path, what,
                     std::strerror(errno));
}

std::optional<common::Bytes> parse_secret(std::string_view line) {
  auto secret = common::hex_decode(common::trim(line));
  if (secret && secret->size() != kSecretSize) secret.reset();
  return secret;
}

std::optional<Secrets> parse_secrets(std::string_view text) {
  std::string_view rest = common::trim(text);
  auto current = parse_secret(common::take_until(rest, '\n'));
  if (!current) return std::nullopt;
  Secrets secrets{std::move(*current), std::nullopt};
  if (rest.empty()) return secrets;
  secrets.other = parse_secret(rest);
  if (!secrets.other) return std::nullopt;
  return secrets;
}

common::Result<Secrets, std::string> read_secrets(const common::Fd& file, const std::string& path) {
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return common::Err{failed(path, "read")};
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return common::Err{
        fmt::format("{}: can be read by others; run chmod 600 on it, or remove it and let a new one be "
                    "made if others may have seen it",
                    path)};
  }
  char text[256];
  const auto size = ::read(file.get(), text, sizeof text);
  if (size < 0) return common::Err{failed(path, "read")};
  auto secrets = parse_secrets({text, static_cast<std::size_t>(size)});
  if (!secrets) {
    return common::Err{
        fmt::format("{}: does not hold one or two secrets of 64 hexadecimal digits, one a line; remove it and let a "
                    "new one be made",
                    path)};
  }
  return std::move(*secrets);
}

common::Result<Secrets, std::string> write_secret(const common::Fd& file, const std::string& path,
                                                  common::crypto::Random& random) {
  common::Bytes secret = random.bytes(kSecretSize);
  const std::string line = common::hex_encode(secret) + '\n';
  if (::write(file.get(), line.data(), line.size()) != static_cast<ssize_t>(line.size()) || ::fsync(file.get()) != 0) {
    ::unlink(path.c_str());
    return common::Err{failed(path, "written")};
  }
  return Secrets{std::move(secret), std::nullopt};
}

}  // namespace

common::Result<Secrets, std::string> load_or_make_secrets(const std::string& path, common::crypto::Random& random) {
  if (const common::Fd file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)}) return read_secrets(file, path);
  if (errno != ENOENT) return common::Err{failed(path, "read")};
  const common::Fd file{::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR)};
  if (!file) return common::Err{failed(path, "made")};
  return write_secret(file, path, random);
}

common::Result<Secrets, std::string> load_secrets(const std::string& path) {
  const common::Fd file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!file) return common::Err{failed(path, "read")};
  return read_secrets(file, path);
}

std::optional<std::string> problem_of_secrets(const std::string& path) {
  if (const common::Fd file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)}) {
    const auto secrets = read_secrets(file, path);
    if (secrets) return std::nullopt;
    return secrets.error();
  }
  if (errno != ENOENT) return failed(path, "read");
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  if (::access(folder.c_str(), W_OK | X_OK) != 0) return failed(path, "made");
  return std::nullopt;
}

}  // namespace proxy::app
