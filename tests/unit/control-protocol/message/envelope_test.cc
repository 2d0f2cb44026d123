#include "control-protocol/message/envelope.h"

#include <catch2/catch.hpp>

using namespace ng;

TEST_CASE("an envelope is a cookie, a space and a dictionary, whose first byte tells its encoding", "[message]") {
  const auto envelope = open_envelope("12_34 d7:command4:pinge");
  REQUIRE(envelope);
  CHECK(envelope->cookie == "12_34");
  CHECK(envelope->encoding == Encoding::Bencode);
  CHECK(envelope->payload == "d7:command4:pinge");
  const auto json = open_envelope("c {\"command\": \"ping\"}");
  REQUIRE(json);
  CHECK(json->encoding == Encoding::Json);
  CHECK(json->payload == "{\"command\": \"ping\"}");
}

TEST_CASE("what is no envelope is refused with its reason", "[message]") {
  const auto error = [](std::string_view text) { return open_envelope(text).error(); };
  CHECK(error("") == DecodeError::Malformed);
  CHECK(error("nospace") == DecodeError::Malformed);
  CHECK(error(" d") == DecodeError::Malformed);
  CHECK(error("c ") == DecodeError::Truncated);
  CHECK(error("c x") == DecodeError::NotADictionary);
  CHECK(error("c  de") == DecodeError::NotADictionary);
}

TEST_CASE("the longest cookie passes and a longer one does not", "[message]") {
  CHECK(open_envelope(std::string(kMaxCookieLength, 'c') + " de"));
  CHECK(open_envelope(std::string(kMaxCookieLength + 1, 'c') + " de").error() == DecodeError::Malformed);
}

TEST_CASE("a sealed envelope opens to what went in, in either encoding", "[message]") {
  const Dictionary dictionary{{"result", "ok"}, {"created", 7}};
  CHECK(seal_envelope("c1", Encoding::Bencode, dictionary) == "c1 d7:createdi7e6:result2:oke");
  CHECK(seal_envelope("c1", Encoding::Json, dictionary) == "c1 {\"created\":7,\"result\":\"ok\"}");
  for (const Encoding encoding : {Encoding::Bencode, Encoding::Json}) {
    const std::string text = seal_envelope("c1", encoding, dictionary);
    const auto envelope = open_envelope(text);
    REQUIRE(envelope);
    CHECK(decode(envelope->encoding, envelope->payload) == dictionary);
  }
}
