#include "proxy/transport/http_session.h"

#include <utility>

namespace proxy::transport {
namespace {

constexpr std::size_t kSlice = std::size_t{16} << 10;

int status_of(HttpError error) noexcept {
  switch (error) {
    case HttpError::Malformed:
      return 400;
    case HttpError::TooLarge:
      return 431;
    case HttpError::BodyNotAllowed:
      return 413;
  }
  return 400;
}

}  // namespace

void HttpSession::push(std::string_view bytes) {
  if (!is_last_) buffer_ += bytes;
}

std::optional<HttpSession::Output> HttpSession::poll() {
  if (is_last_ || is_serving()) return std::nullopt;
  std::size_t size = 0;
  const auto head = parse_http_head(buffer_, size);
  if (!head) return refuse(head.error());
  if (!*head) return std::nullopt;
  buffer_.erase(0, size);
  return answer(**head);
}

HttpSession::Output HttpSession::answer(const HttpHead& head) {
  if (is_ws_request(head, front_.policy)) return upgrade(head);
  return serve(head);
}

HttpSession::Served HttpSession::serve(const HttpHead& head) {
  StaticFiles::Response response = front_.files.serve(head);
  has_served_ = true;
  is_last_ = !response.keep_alive;
  body_ = std::move(response.body);
  body_at_ = 0;
  return {std::move(response.head)};
}

HttpSession::Output HttpSession::upgrade(const HttpHead& head) {
  auto accepted = accept_ws(head, front_.policy);
  if (accepted) return Upgraded{std::move(*accepted), std::exchange(buffer_, {})};
  is_last_ = true;
  const bool origin = accepted.error().status == 403;
  return Refused{std::move(accepted.error().response), origin ? Refusal::Origin : Refusal::WebSocketHandshake};
}

HttpSession::Refused HttpSession::refuse(HttpError error) {
  is_last_ = true;
  return {http_response(status_of(error), {}, {}, false), Refusal::WebSocketHandshake};
}

std::string HttpSession::next_slice() {
  if (!is_serving()) return {};
  std::string slice = body_->substr(body_at_, kSlice);
  body_at_ += slice.size();
  if (body_at_ == body_->size()) body_.reset();
  return slice;
}

}  // namespace proxy::transport
