#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"
#include "proxy/registrar/registrar.h"
#include "proxy/sip/message.h"

namespace proxy::registrar {

/// What the registrar needs of a REGISTER, RFC 3261 §10.3, RFC 3327 and RFC 5626. Error: reason of a 400.
[[nodiscard]] common::Result<RegisterRequest, std::string_view> read_register(const sip::Message& request,
                                                                              std::string aor,
                                                                              const transport::Flow& flow);

}  // namespace proxy::registrar
