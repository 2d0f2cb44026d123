#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "common/base/bytes.h"

namespace common::stream {

/// Bytes that wait for a slow or not yet connected peer, with the keys of the messages they belong to.
class WriteQueue {
 public:
  bool empty() const noexcept { return items_.empty(); }
  /// Bytes not yet written.
  std::size_t size() const noexcept { return size_; }

  /// `key` 0: nobody asks what became of it.
  void push(std::string bytes, std::uint64_t key) {
    if (bytes.empty()) return;
    size_ += bytes.size();
    items_.push_back({std::move(bytes), key});
  }

  /// The rest of the oldest item; only when not empty.
  ByteSpan front() const noexcept { return as_bytes(items_.front().bytes).subspan(written_); }

  /// `count` bytes of front() have been written.
  void written(std::size_t count) noexcept {
    written_ += count;
    size_ -= count;
    if (written_ < items_.front().bytes.size()) return;
    items_.pop_front();
    written_ = 0;
  }

  /// Keys of the messages that are not wholly written; the queue is empty afterwards.
  std::vector<std::uint64_t> abandon() {
    std::vector<std::uint64_t> keys;
    for (const Item& item : items_)
      if (item.key != 0) keys.push_back(item.key);
    items_.clear();
    size_ = written_ = 0;
    return keys;
  }

 private:
  struct Item {
    std::string bytes;
    std::uint64_t key;
  };
  std::deque<Item> items_;
  std::size_t written_ = 0;  // of the first item
  std::size_t size_ = 0;
};

}  // namespace common::stream
