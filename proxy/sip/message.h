#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "proxy/sip/name_addr.h"
#include "proxy/sip/uri.h"
#include "proxy/sip/via.h"

/// SIP messages as values, RFC 3261 §7.
namespace proxy::sip {

enum class ParseError : std::uint8_t {
  KeepAlive,
  NotSip,
  BadStartLine,
  BadVersion,
  BadHeader,
  TooManyHeaders,
  Truncated
};
std::string_view to_string(ParseError error) noexcept;

struct CSeq {
  std::uint32_t number = 0;
  std::string method;
};

/// A header field. Names have their long, usual form (`v` is `Via`); other names stay as written.
struct Header {
  std::string name;
  std::string value;  // unfolded, trimmed
};

/// One request or response. Header fields stay in their order; of Via, Route, Record-Route, Path, Contact and
/// Service-Route each value is a Header of its own, so that the topmost is simply the first.
class Message {
 public:
  static constexpr std::size_t kMaxHeaders = 256;

  /// A whole message as the transport framed it. What follows Content-Length is cut off; too little is Truncated.
  [[nodiscard]] static common::Result<Message, ParseError> parse(std::string_view bytes);
  static Message request(std::string_view method, std::string_view uri);
  static Message response(int status, std::string_view reason);
  /// The response to `request` with the fields of RFC 3261 §8.2.6.2; `to_tag` is added if To has none.
  static Message response_to(const Message& request, int status, std::string_view reason, std::string_view to_tag);

  bool is_request() const noexcept { return status_ == 0; }
  bool is(std::string_view method) const noexcept { return is_request() && method_ == method; }
  const std::string& method() const noexcept { return method_; }
  const std::string& request_uri() const noexcept { return uri_; }
  void set_request_uri(std::string_view uri) { uri_ = uri; }
  int status() const noexcept { return status_; }
  const std::string& reason() const noexcept { return reason_; }

  const std::vector<Header>& headers() const noexcept { return headers_; }
  bool has(std::string_view name) const noexcept { return find(name) != nullptr; }
  /// First value; nullptr: absent. Valid until the message changes.
  const std::string* find(std::string_view name) const noexcept;
  /// First value or empty.
  std::string_view get(std::string_view name) const noexcept;
  std::vector<std::string> all(std::string_view name) const;
  /// Puts one value in place of all of this name (where the first stood).
  void set(std::string_view name, std::string_view value);
  void append(std::string_view name, std::string_view value);
  /// Above the first of the same name, or above all header fields.
  void prepend(std::string_view name, std::string_view value);
  void remove(std::string_view name);
  void remove_first(std::string_view name);
  /// Changes the value number `index` of this name (0: topmost).
  void replace_at(std::string_view name, std::size_t index, std::string_view value);
  /// True if some value of a comma-separated list equals `token` (Supported, Require, …).
  bool list_has(std::string_view name, std::string_view token) const;

  std::string_view call_id() const noexcept { return get("Call-ID"); }
  std::optional<CSeq> cseq() const;
  void set_cseq(std::uint32_t number);
  std::optional<Via> top_via() const;
  std::optional<NameAddr> from() const;
  std::optional<NameAddr> to() const;
  std::string from_tag() const;
  std::string to_tag() const;

  const std::string& body() const noexcept { return body_; }
  /// Also sets Content-Length on the way out. An empty type leaves Content-Type alone.
  void set_body(std::string body, std::string_view content_type = {});
  void remove_body();

  /// The session description, whole body or part of it; empty: there is none.
  std::string_view sdp() const;
  bool has_sdp() const { return !sdp().empty(); }
  /// True for a multipart body of which nobody can say which description its reader will take.
  bool has_unclear_sdp() const;
  /// Puts `sdp` in its place; what stands beside it stays. There is one.
  void set_sdp(std::string_view sdp);

  /// Bytes for the wire, Content-Length included.
  std::string to_string() const;

 private:
  [[nodiscard]] common::Result<void, ParseError> parse_start_line(std::string_view line);
  [[nodiscard]] common::Result<void, ParseError> parse_header(std::string_view line);
  [[nodiscard]] common::Result<void, ParseError> take_body(std::string_view rest);

  std::string method_;
  std::string uri_;
  int status_ = 0;
  std::string reason_;
  std::vector<Header> headers_;
  std::string body_;
};

/// `token` of RFC 3261 §25.1.
bool is_token(std::string_view text) noexcept;

}  // namespace proxy::sip
