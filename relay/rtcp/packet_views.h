#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "relay/rtcp/compound_view.h"
#include "relay/rtcp/report.h"

/// Views of the packets a CompoundView yields. All borrow the datagram; all `from` functions return nothing when the
/// packet has another type or its body is too short for what its header promises.
namespace relay::rtcp {

/// SR or RR.
class ReportView {
 public:
  static std::optional<ReportView> from(const Packet& packet) noexcept;

  rtp::Ssrc sender() const noexcept { return {common::load_be32(body_.data())}; }
  bool is_sender_report() const noexcept { return sender_report_; }
  /// Only with is_sender_report().
  SenderInfo sender_info() const noexcept;
  std::size_t block_count() const noexcept { return count_; }
  /// `index` < block_count().
  ReportBlock block(std::size_t index) const noexcept;

 private:
  ReportView(common::ByteSpan body, std::uint8_t count, bool sender_report) noexcept
      : body_(body), count_(count), sender_report_(sender_report) {}
  common::ByteSpan body_;
  std::uint8_t count_;
  bool sender_report_;
};

/// One item of an SDES packet, RFC 3550 §6.5.
struct SdesItem {
  rtp::Ssrc ssrc;
  std::uint8_t type = 0;  // 1: CNAME
  std::string_view value;
};
inline constexpr std::uint8_t kSdesCname = 1;

class SdesView {
 public:
  static std::optional<SdesView> from(const Packet& packet) noexcept;
  /// Every item of every chunk in order; stops for good at the first malformed one.
  std::optional<SdesItem> next() noexcept;

 private:
  SdesView(common::ByteSpan body, std::uint8_t chunks) noexcept : body_(body), chunks_(chunks) {}
  bool open_chunk() noexcept;
  void close_chunk() noexcept;

  common::ByteSpan body_;
  std::size_t at_ = 0;
  std::uint8_t chunks_;
  bool in_chunk_ = false;
  rtp::Ssrc ssrc_;
};

class ByeView {
 public:
  static std::optional<ByeView> from(const Packet& packet) noexcept;
  std::size_t source_count() const noexcept { return count_; }
  /// `index` < source_count().
  rtp::Ssrc source(std::size_t index) const noexcept { return {common::load_be32(body_.data() + 4 * index)}; }
  /// Empty when absent.
  std::string_view reason() const noexcept;

 private:
  ByeView(common::ByteSpan body, std::uint8_t count) noexcept : body_(body), count_(count) {}
  common::ByteSpan body_;
  std::uint8_t count_;
};

struct AppView {
  static std::optional<AppView> from(const Packet& packet) noexcept;
  std::uint8_t subtype = 0;
  rtp::Ssrc sender;
  std::string_view name;  // four characters
  common::ByteSpan data;
};

/// Feedback formats, RFC 4585 §6 and RFC 5104 §4.
inline constexpr std::uint8_t kGenericNack = 1;            // with TransportFeedback
inline constexpr std::uint8_t kPictureLossIndication = 1;  // with PayloadFeedback
inline constexpr std::uint8_t kFullIntraRequest = 4;       // with PayloadFeedback

/// RTPFB or PSFB, RFC 4585 §6.1.
class FeedbackView {
 public:
  static std::optional<FeedbackView> from(const Packet& packet) noexcept;

  PacketType type() const noexcept { return type_; }
  std::uint8_t format() const noexcept { return format_; }
  rtp::Ssrc sender() const noexcept { return {common::load_be32(body_.data())}; }
  rtp::Ssrc media() const noexcept { return {common::load_be32(body_.data() + 4)}; }
  common::ByteSpan control_information() const noexcept { return body_.subspan(8); }

  bool is_nack() const noexcept { return type_ == PacketType::TransportFeedback && format_ == kGenericNack; }
  bool is_pli() const noexcept { return type_ == PacketType::PayloadFeedback && format_ == kPictureLossIndication; }
  bool is_fir() const noexcept { return type_ == PacketType::PayloadFeedback && format_ == kFullIntraRequest; }

  /// Calls `lost(sequence)` for each packet a NACK names, RFC 4585 §6.2.1; only with is_nack().
  template <class Lost>
  void each_lost(Lost lost) const {
    for (common::ByteSpan rest = control_information(); rest.size() >= 4; rest = rest.subspan(4)) {
      const std::uint16_t first = common::load_be16(rest.data());
      const std::uint16_t following = common::load_be16(rest.data() + 2);
      lost(first);
      for (unsigned bit = 0; bit < 16; ++bit) {
        if ((following >> bit) & 1) lost(static_cast<std::uint16_t>(first + bit + 1));
      }
    }
  }

 private:
  FeedbackView(common::ByteSpan body, PacketType type, std::uint8_t format) noexcept
      : body_(body), type_(type), format_(format) {}
  common::ByteSpan body_;
  PacketType type_;
  std::uint8_t format_;
};

}  // namespace relay::rtcp
