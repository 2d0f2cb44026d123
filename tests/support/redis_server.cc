#include "tests/support/redis_server.h"

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>

#include <chrono>
#include <stdexcept>
#include <thread>

#include "common/event/sockets.h"

namespace test {
namespace {

using namespace std::chrono_literals;

common::SocketAddress free_address() {
  const auto fd = common::event::bind_socket(SOCK_STREAM, *common::SocketAddress::parse("127.0.0.1:0"));
  return common::event::local_address(fd->get());
}

bool is_listening(const common::SocketAddress& address) {
  const common::Fd fd{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  sockaddr_storage storage;
  const socklen_t length = address.to_sockaddr(storage);
  return ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&storage), length) == 0;
}

}  // namespace

RedisServer::RedisServer(std::vector<std::string> options) : RedisServer(std::move(options), free_address()) {}

RedisServer::RedisServer(std::vector<std::string> options, const common::SocketAddress& address)
    : RedisServer(Kind::Redis, std::move(options), address) {}

RedisServer RedisServer::sentinel(const std::string& group, const common::SocketAddress& master) {
  const std::string watched = group + ' ' + master.ip.to_string() + ' ' + std::to_string(master.port.value) + " 1";
  return {Kind::Sentinel,
          {"sentinel monitor " + watched, "sentinel down-after-milliseconds " + group + " 500",
           "sentinel failover-timeout " + group + " 1000"},
          free_address()};
}

RedisServer::RedisServer(Kind kind, std::vector<std::string> options, const common::SocketAddress& address)
    : kind_(kind), options_(std::move(options)), address_(address) {
  start();
}

RedisServer::~RedisServer() { kill(); }

std::vector<std::string> RedisServer::words() const {
  const std::string port = std::to_string(address_.port.value);
  if (kind_ == Kind::Sentinel) {
    std::string file = "bind 127.0.0.1\nport " + port + "\n";
    for (const std::string& line : options_) file += line + '\n';
    return {"redis-server", dir_.write("sentinel.conf", file), "--sentinel", "--logfile", dir_.file("log")};
  }
  std::vector<std::string> words{"redis-server",
                                 "--bind",
                                 "127.0.0.1",
                                 "--port",
                                 port,
                                 "--save",
                                 "",
                                 "--appendonly",
                                 "no",
                                 "--dir",
                                 dir_.path(),
                                 "--logfile",
                                 dir_.file("log"),
                                 "--repl-diskless-sync-delay",
                                 "0"};
  words.insert(words.end(), options_.begin(), options_.end());
  return words;
}

void RedisServer::start() {
  std::vector<std::string> command = words();
  std::vector<char*> arguments;
  for (std::string& word : command) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_ = ::fork();
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::execvp("redis-server", arguments.data());
    ::_exit(127);
  }
  for (int i = 0; i < 500; ++i) {
    if (is_listening(address_)) return;
    std::this_thread::sleep_for(10ms);
  }
  throw std::runtime_error("redis-server does not start");
}

void RedisServer::kill() {
  if (pid_ == 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = 0;
}

void RedisServer::restart() {
  kill();
  start();
}

void RedisServer::pause() const { ::kill(pid_, SIGSTOP); }
void RedisServer::resume() const { ::kill(pid_, SIGCONT); }

}  // namespace test
