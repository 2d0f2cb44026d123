#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/net/address.h"

/// A tolerant model of RFC 8866: what is not understood survives in place and order, what is written is strict.
namespace relay::sdp {

/// `a=rtpmap:0 PCMU/8000` is {'a', "rtpmap:0 PCMU/8000"}.
struct Line {
  char type = 'a';
  std::string value;
  friend bool operator==(const Line&, const Line&) = default;
};

/// Lines of one level, session or media, in their order.
class Lines {
 public:
  std::vector<Line> all;

  /// Value of the first `type=`; nothing if there is none.
  std::optional<std::string_view> first(char type) const;
  /// Value of the first attribute `name`: what follows the colon, "" for a flag.
  std::optional<std::string_view> attribute(std::string_view name) const;
  std::vector<std::string_view> attributes(std::string_view name) const;
  bool has(std::string_view name) const { return attribute(name).has_value(); }

  void add(std::string_view attribute);
  void add(std::string_view name, std::string_view value);
  void remove(std::string_view name);
  void remove_type(char type);
  /// Replaces the first `type=` line, or inserts one where RFC 8866 §5 wants it.
  void set(char type, std::string_view value);

  friend bool operator==(const Lines&, const Lines&) = default;
};

/// One m= section.
struct Media {
  std::string kind;  // "audio", "video", …
  std::uint16_t port = 0;
  std::string protocol;
  std::vector<std::string> formats;
  Lines lines;
  friend bool operator==(const Media&, const Media&) = default;
};

struct Description {
  Lines session;
  std::vector<Media> media;
  friend bool operator==(const Description&, const Description&) = default;
};

enum class ParseProblem : std::uint8_t { Empty, TooLong, TooManyLines, TooManyMedia, BadLine, BadMediaLine, NoVersion };
struct ParseError {
  ParseProblem problem;
  std::size_t line = 0;  // from 1
  std::string to_string() const;
};

/// Ends of lines may be CRLF, LF or CR. Bounds: 64 KiB, 2048 lines, 32 media sections.
[[nodiscard]] common::Result<Description, ParseError> parse(std::string_view text);
/// CRLF everywhere.
std::string write(const Description& description);

/// The address of `c=IN IP4 192.0.2.1[/ttl]`; nothing for names and for what cannot be read.
std::optional<common::IpAddress> read_connection(std::string_view value);
std::string write_connection(const common::IpAddress& address);

}  // namespace relay::sdp
