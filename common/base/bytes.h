#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/byte_order.h"

namespace common {

using ByteSpan = std::span<const std::uint8_t>;
using MutableByteSpan = std::span<std::uint8_t>;
using Bytes = std::vector<std::uint8_t>;

/// Views of the same memory under the other type; nothing is copied.
inline ByteSpan as_bytes(std::string_view text) noexcept {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(ByteSpan bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Reads big-endian fields from front to back. Borrows `bytes`.
/// A read past the end gives zero or an empty span and makes `ok()` false for good, so check once at the end.
class ByteReader {
 public:
  explicit ByteReader(ByteSpan bytes) noexcept : bytes_(bytes) {}

  std::uint8_t u8() noexcept { return take(1) ? bytes_[at_ - 1] : std::uint8_t{0}; }
  std::uint16_t u16() noexcept { return take(2) ? load_be16(&bytes_[at_ - 2]) : std::uint16_t{0}; }
  std::uint32_t u24() noexcept { return take(3) ? load_be24(&bytes_[at_ - 3]) : 0; }
  std::uint32_t u32() noexcept { return take(4) ? load_be32(&bytes_[at_ - 4]) : 0; }
  std::uint64_t u64() noexcept { return take(8) ? load_be64(&bytes_[at_ - 8]) : 0; }
  ByteSpan bytes(std::size_t count) noexcept { return take(count) ? bytes_.subspan(at_ - count, count) : ByteSpan{}; }
  void skip(std::size_t count) noexcept { take(count); }

  bool ok() const noexcept { return ok_; }
  std::size_t offset() const noexcept { return at_; }
  std::size_t remaining() const noexcept { return bytes_.size() - at_; }
  ByteSpan rest() const noexcept { return bytes_.subspan(at_); }

 private:
  bool take(std::size_t count) noexcept {
    if (!ok_ || count > remaining()) {
      ok_ = false;
      return false;
    }
    at_ += count;
    return true;
  }

  ByteSpan bytes_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

/// Appends big-endian fields to a growing vector it owns. Not for the packet path.
class ByteWriter {
 public:
  ByteWriter& u8(std::uint8_t v) { return put(&v, 1); }
  ByteWriter& u16(std::uint16_t v) {
    return stored<2>([v](std::uint8_t* p) { store_be16(p, v); });
  }
  ByteWriter& u24(std::uint32_t v) {
    return stored<3>([v](std::uint8_t* p) { store_be24(p, v); });
  }
  ByteWriter& u32(std::uint32_t v) {
    return stored<4>([v](std::uint8_t* p) { store_be32(p, v); });
  }
  ByteWriter& u64(std::uint64_t v) {
    return stored<8>([v](std::uint8_t* p) { store_be64(p, v); });
  }
  ByteWriter& bytes(ByteSpan v) { return put(v.data(), v.size()); }
  ByteWriter& text(std::string_view v) { return bytes(as_bytes(v)); }

  std::size_t size() const noexcept { return out_.size(); }
  const Bytes& view() const noexcept { return out_; }
  Bytes take() noexcept { return std::move(out_); }

 private:
  ByteWriter& put(const std::uint8_t* data, std::size_t size) {
    out_.insert(out_.end(), data, data + size);
    return *this;
  }
  template <std::size_t N, class Store>
  ByteWriter& stored(Store store) {
    std::uint8_t field[N];
    store(field);
    return put(field, N);
  }

  Bytes out_;
};

}  // namespace common
