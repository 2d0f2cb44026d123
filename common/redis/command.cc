#include "common/redis/command.h"

#include <hiredis/hiredis.h>

#include <memory>

#include "common/base/invariant.h"

namespace common::redis {

std::string to_wire(const Command& command) {
  std::vector<const char*> words;
  std::vector<std::size_t> lengths;
  for (const std::string& word : command) {
    words.push_back(word.data());
    lengths.push_back(word.size());
  }
  char* formatted = nullptr;
  const int size = redisFormatCommandArgv(&formatted, static_cast<int>(command.size()), words.data(), lengths.data());
  const std::unique_ptr<char, decltype(&redisFreeCommand)> owner{formatted, redisFreeCommand};
  INVARIANT(size >= 0, "a command of strings can be formatted");
  return {formatted, static_cast<std::size_t>(size)};
}

}  // namespace common::redis
