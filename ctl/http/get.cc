#include "ctl/http/get.h"

#include <curl/curl.h>

#include <memory>

namespace ctl::http {
namespace {

constexpr std::size_t kLargestBody = std::size_t{64} << 20;

std::size_t append(char* data, std::size_t size, std::size_t count, void* context) {
  auto& body = *static_cast<std::string*>(context);
  if (body.size() + size * count > kLargestBody) return 0;  // makes curl give up
  body.append(data, size * count);
  return size * count;
}

/// Fails for what is not written as `Header: value` in one line.
bool is_one_line(const std::string& text) { return text.find_first_of("\r\n") == std::string::npos; }

}  // namespace

common::Result<std::string, std::string> get(const std::string& url, const std::string& token) {
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl{curl_easy_init(), &curl_easy_cleanup};
  if (!curl || !is_one_line(token)) return common::Err{std::string{"the request cannot be made"}};
  std::string body;
  char cause[CURL_ERROR_SIZE] = "";
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT, 10L);
  curl_easy_setopt(curl.get(), CURLOPT_ERRORBUFFER, cause);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, &append);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &body);
  std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers{nullptr, &curl_slist_free_all};
  if (!token.empty()) {
    headers.reset(curl_slist_append(nullptr, ("Authorization: Bearer " + token).c_str()));
    curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, headers.get());
  }
  const CURLcode code = curl_easy_perform(curl.get());
  if (code != CURLE_OK) return common::Err{url + ": " + (cause[0] != '\0' ? cause : curl_easy_strerror(code))};
  long status = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status != 200) return common::Err{url + ": answered " + std::to_string(status)};
  return body;
}

}  // namespace ctl::http
