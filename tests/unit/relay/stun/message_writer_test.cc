#include "relay/stun/message_writer.h"

#include <catch2/catch.hpp>

#include "relay/stun/message_view.h"

namespace relay::stun {

TEST_CASE("a written check reads back and is authentic", "[stun]") {
  const TransactionId id = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  const common::Bytes bytes = MessageWriter(MessageClass::Request, kBinding, id)
                                  .username("remote:local")
                                  .priority(0x6EFFFFFF)
                                  .use_candidate()
                                  .controlling(0x0123456789ABCDEF)
                                  .software("causeway")
                                  .finish("some password");
  const auto view = MessageView::parse(bytes);
  REQUIRE(view);
  CHECK(view->message_class() == MessageClass::Request);
  CHECK(view->method() == kBinding);
  CHECK(view->transaction_id() == id);
  CHECK(view->username() == "remote:local");
  CHECK(view->priority() == 0x6EFFFFFFU);
  CHECK(view->use_candidate());
  CHECK(view->controlling() == 0x0123456789ABCDEFU);
  CHECK(view->software() == "causeway");
  CHECK(view->integrity_matches("some password"));
  CHECK(view->fingerprint_matches());
}

TEST_CASE("classes and methods survive the interleaved type field", "[stun]") {
  for (const auto message_class :
       {MessageClass::Request, MessageClass::Indication, MessageClass::Success, MessageClass::Error}) {
    for (const std::uint16_t method : std::initializer_list<std::uint16_t>{0x001, 0x00F, 0x080, 0xFFF}) {
      const auto view_bytes = MessageWriter(message_class, method, {}).finish();
      const auto view = MessageView::parse(view_bytes);
      REQUIRE(view);
      CHECK(view->message_class() == message_class);
      CHECK(view->method() == method);
    }
  }
}

TEST_CASE("mapped addresses of both families survive the exclusive or", "[stun]") {
  const TransactionId id = {0xB7, 0xE7, 0xA7, 0x01, 0xBC, 0x34, 0xD6, 0x86, 0xFA, 0x87, 0xDF, 0xAE};
  for (const char* text : {"192.0.2.1:32853", "[2001:db8:1234:5678:11:2233:4455:6677]:32853"}) {
    const auto address = common::SocketAddress::parse(text).value();
    const auto bytes = MessageWriter(MessageClass::Success, kBinding, id).xor_mapped_address(address).finish();
    CHECK(MessageView::parse(bytes)->xor_mapped_address() == address);
  }
}

TEST_CASE("an error carries its code, its reason and the attributes it is about", "[stun]") {
  const std::uint16_t unknown[] = {0x7F01, 0x7F02};
  const auto bytes = MessageWriter(MessageClass::Error, kBinding, {})
                         .error_code(kUnknownAttribute, "Unknown Attribute")
                         .unknown_attributes(unknown)
                         .finish();
  const auto view = MessageView::parse(bytes);
  REQUIRE(view);
  CHECK(view->error_code()->code == 420);
  CHECK(view->error_code()->reason == "Unknown Attribute");
  const auto listed = view->find(Attribute::UnknownAttributes).value();
  CHECK(common::Bytes(listed.begin(), listed.end()) == common::Bytes{0x7F, 0x01, 0x7F, 0x02});
}

TEST_CASE("a user name beyond the limit of RFC 8489 is cut", "[stun]") {
  const auto bytes = MessageWriter(MessageClass::Request, kBinding, {}).username(std::string(600, 'u')).finish("p");
  CHECK(MessageView::parse(bytes)->username()->size() == 508);
}

}  // namespace relay::stun
