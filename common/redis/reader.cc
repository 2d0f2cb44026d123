#include "common/redis/reader.h"

#include <hiredis/hiredis.h>

#include <memory>
#include <string>

namespace common::redis {
namespace {

using Raw = std::unique_ptr<void, decltype(&freeReplyObject)>;

std::string text_of(const redisReply& reply) { return {reply.str, reply.len}; }

Reply to_reply(const redisReply& reply) {
  switch (reply.type) {
    case REDIS_REPLY_INTEGER:
      return {std::int64_t{reply.integer}};
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
      return {text_of(reply)};
    case REDIS_REPLY_ERROR:
      return {Error{text_of(reply)}};
    case REDIS_REPLY_ARRAY: {
      Reply::Array array;
      for (std::size_t i = 0; i < reply.elements; ++i) array.push_back(to_reply(*reply.element[i]));
      return {std::move(array)};
    }
    default:
      return {Nil{}};
  }
}

}  // namespace

void Reader::Free::operator()(redisReader* reader) const noexcept { redisReaderFree(reader); }

Reader::Reader(std::size_t limit) : reader_(redisReaderCreate()), limit_(limit) {}

void Reader::feed(std::string_view bytes) { redisReaderFeed(reader_.get(), bytes.data(), bytes.size()); }

Result<std::optional<Reply>, Reader::Failure> Reader::next() {
  void* raw = nullptr;
  if (redisReaderGetReply(reader_.get(), &raw) != REDIS_OK) return Err{Failure::Malformed};
  const Raw owner{raw, freeReplyObject};
  if (raw != nullptr) return to_reply(*static_cast<const redisReply*>(raw));
  if (reader_->len - reader_->pos > limit_) return Err{Failure::TooLarge};
  return std::nullopt;
}

}  // namespace common::redis
