#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace proxy::sip {

/// Bytes of a body.
struct BodyPart {
  std::size_t begin = 0;
  std::size_t size = 0;
};

/// Where the session description stands in a body: the whole of it, or the first such part of a multipart one
/// (RFC 5621 §3, RFC 2046 §5.1; carriers send it beside ISUP). Parts inside of parts are not looked into. nullopt:
/// there is none.
std::optional<BodyPart> find_sdp(std::string_view content_type, std::string_view body);

/// True for a multipart body that is cut off, holds another multipart body, or more than one session description: what
/// its reader will make of it cannot be told, so it cannot be replaced.
bool is_unclear(std::string_view content_type, std::string_view body);

}  // namespace proxy::sip
