#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "relay/codec/format.h"
#include "relay/codec/telephone_event.h"

namespace relay::codec {

/// One event packet out of a mapper. The caller adds sequence number and SSRC.
struct MappedEvent {
  std::uint8_t payload_type = 0;
  std::uint32_t timestamp = 0;  // target clock rate
  bool marker = false;          // first packet of an event
  std::array<std::uint8_t, kEventSize> payload{};
};

/// Carries telephone-events of one stream to another payload type and clock rate, RFC 4733. One packet in gives one
/// out, so updates and the three ends keep their redundancy; one more where an event grows past 65,535 output ticks and
/// goes on in a new segment (§2.5.1.3). Segments of the input are joined first. Allocates nothing.
class EventMapper {
 public:
  EventMapper(const Format& from, const Format& to) noexcept;

  struct Received {
    std::uint32_t timestamp = 0;         // source clock rate
    std::uint32_t output_timestamp = 0;  // the same instant on the output's time line (Transcoder::on_other_packet)
    common::ByteSpan payload;
  };
  /// Drain poll_output() after each call. Malformed and outdated packets are dropped.
  void on_packet(const Received& packet) noexcept;
  std::optional<MappedEvent> poll_output() noexcept;

 private:
  struct Running {
    std::uint8_t event = 0;
    bool ended = false;
    bool announced = false;            // a packet has gone out
    std::uint32_t input_segment = 0;   // timestamp of the current input segment
    std::uint64_t input_before = 0;    // ticks of the input segments before it
    std::uint64_t duration = 0;        // input ticks in all, so far
    std::uint32_t output_segment = 0;  // timestamp of the current output segment
    std::uint64_t output_before = 0;   // ticks of the output segments before it
  };

  bool is_outdated(const TelephoneEvent& event, std::uint32_t timestamp) const noexcept;
  bool continues(const TelephoneEvent& event, std::uint32_t timestamp) noexcept;
  void begin(const TelephoneEvent& event, const Received& packet) noexcept;
  void emit(const TelephoneEvent& event) noexcept;
  void push(const TelephoneEvent& event) noexcept;
  std::uint64_t scale(std::uint64_t ticks) const noexcept { return ticks * to_rate_ / from_rate_; }

  std::uint8_t payload_type_;
  std::uint64_t from_rate_;
  std::uint64_t to_rate_;
  std::optional<Running> running_;
  std::array<MappedEvent, 16> output_{};
  std::size_t output_count_ = 0;
  std::size_t output_taken_ = 0;
};

}  // namespace relay::codec
