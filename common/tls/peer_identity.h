#pragma once

#include <string>
#include <string_view>

struct x509_st;

namespace common::tls {

/// Whether a certificate that has been verified speaks for `domain`, RFC 5922 §7.1 and §7.2: its subject alternative
/// names of the form `sip:domain` if it has any SIP URI, else its DNS names, compared whole and without regard to case;
/// the common name only when it has no alternative name at all. A literal address needs an address entry.
bool certificate_is_for(x509_st* certificate, std::string_view domain);

}  // namespace common::tls
