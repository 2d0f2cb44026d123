#pragma once

#include "common/crypto/random.h"
#include "relay/srtp/suite.h"

namespace relay::srtp {

/// A fresh master key and salt of the suite's lengths.
KeyMaterial generate_key(Suite suite, common::crypto::Random& random);

}  // namespace relay::srtp
