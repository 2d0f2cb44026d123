#include "common/tls/peer_identity.h"

#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "common/base/bytes.h"
#include "common/base/text.h"
#include "common/net/address.h"

namespace common::tls {
namespace {

struct FreeNames {
  void operator()(GENERAL_NAMES* names) const noexcept { GENERAL_NAMES_free(names); }
};
using Names = std::unique_ptr<GENERAL_NAMES, FreeNames>;

std::string_view text_of(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<std::size_t>(ASN1_STRING_length(text))};
}

/// The domain of `sip:domain`; a URI with a user part, a port or parameters is no domain identity, RFC 5922 §7.1.
std::optional<std::string_view> domain_of_sip_uri(std::string_view uri) {
  constexpr std::string_view kScheme = "sip:";
  if (!istarts_with(uri, kScheme)) return std::nullopt;
  uri.remove_prefix(kScheme.size());
  if (uri.find_first_of("@:;?") != std::string_view::npos) return std::nullopt;
  return uri;
}

enum class Verdict : std::uint8_t { NoEntry, Other, Match };

Verdict add(Verdict so_far, bool matches) {
  return matches || so_far == Verdict::Match ? Verdict::Match : Verdict::Other;
}

struct Verdicts {
  Verdict sip = Verdict::NoEntry;
  Verdict dns = Verdict::NoEntry;
};

Verdicts compare(const GENERAL_NAMES* names, std::string_view domain) {
  Verdicts verdicts;
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names, i);
    if (name->type == GEN_DNS)
      verdicts.dns = add(verdicts.dns, iequals(text_of(name->d.dNSName), domain));
    else if (name->type == GEN_URI)
      if (const auto sip = domain_of_sip_uri(text_of(name->d.uniformResourceIdentifier)))
        verdicts.sip = add(verdicts.sip, iequals(*sip, domain));
  }
  return verdicts;
}

bool has_address(const GENERAL_NAMES* names, const IpAddress& address) {
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names, i);
    if (name->type == GEN_IPADD && std::ranges::equal(as_bytes(text_of(name->d.iPAddress)), address.octets()))
      return true;
  }
  return false;
}

bool common_name_is(X509* certificate, std::string_view domain) {
  const X509_NAME* subject = X509_get_subject_name(certificate);
  const int last = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (last < 0) return false;
  return iequals(text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, last))), domain);
}

}  // namespace

bool certificate_is_for(X509* certificate, std::string_view domain) {
  if (domain.empty()) return false;
  const Names names{static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr))};
  if (const auto address = IpAddress::parse(domain)) return has_address(names.get(), *address);
  if (!names) return common_name_is(certificate, domain);
  const Verdicts verdicts = compare(names.get(), domain);
  return verdicts.sip != Verdict::NoEntry ? verdicts.sip == Verdict::Match : verdicts.dns == Verdict::Match;
}

}  // namespace common::tls
