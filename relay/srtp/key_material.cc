#include "relay/srtp/key_material.h"

namespace relay::srtp {

KeyMaterial generate_key(Suite suite, common::crypto::Random& random) {
  const SuiteFacts& facts = facts_of(suite);
  return {.suite = suite, .key_and_salt = random.bytes(std::size_t{facts.key_length} + facts.salt_length)};
}

}  // namespace relay::srtp
