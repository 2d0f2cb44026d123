#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/net/address.h"
#include "control-protocol/flags/flags.h"
#include "control-protocol/message/value.h"

namespace ng {

/// Teardown goes the other way, from the relay to the proxy: the media of a call has ended by itself.
enum class Command : std::uint8_t { Ping, Offer, Answer, Delete, Query, List, Teardown };
std::string_view to_string(Command command) noexcept;

/// One request, typed. Which fields a command needs is checked by read_request().
struct Request {
  Command command = Command::Ping;
  std::string call_id;
  std::string from_tag;
  std::string to_tag;
  std::string via_branch;
  std::string sdp;
  std::optional<common::IpAddress> received_from;  // where the SIP message came from
  Flags flags;
  std::vector<std::string> supports;                 // "load limit"
  std::optional<std::chrono::seconds> delete_delay;  // delete
  std::optional<std::uint32_t> limit;                // list
  std::string teardown_blob;                         // answer: kept by the relay; teardown: handed back
  std::vector<common::SocketAddress> teardown_to;    // answer: who is told, tried in this order
  std::string reason;                                // teardown: why the media ended
  std::vector<std::string> warnings;                 // unknown keys and flags, for the reply
};

enum class RequestError : std::uint8_t { NoCommand, UnknownCommand, NoCallId, NoFromTag, NoToTag, NoSdp, NoBlob };
/// As it stands in `error-reason`.
std::string_view to_string(RequestError error) noexcept;

/// Reads a decoded dictionary; unknown keys and flags become warnings and never fail.
[[nodiscard]] common::Result<Request, RequestError> read_request(const Dictionary& dictionary);

/// The dictionary that read_request() turns into `request` again.
Dictionary write_request(const Request& request);

}  // namespace ng
