#include "proxy/dns/locate.h"

#include <memory>
#include <utility>

namespace proxy::dns {
namespace {

using next_hop::Question;

class Search : public std::enable_shared_from_this<Search> {
 public:
  Search(Resolver& resolver, next_hop::Location location, Done<next_hop::Candidates> done)
      : resolver_(resolver), location_(std::move(location)), done_(std::move(done)) {}

  void go_on() {
    if (location_.is_done()) return done_(location_.candidates());
    for (const Question& question : location_.take_questions()) ask(question);
  }

 private:
  void ask(const Question& question) {
    const auto tell = [self = shared_from_this(), question](const auto& outcome) {
      self->location_.on_reply(question, outcome);
      self->go_on();
    };
    switch (question.type) {
      case Question::Type::Naptr:
        return resolver_.naptr(question.name, tell);
      case Question::Type::Srv:
        return resolver_.srv(question.name, tell);
      case Question::Type::Address:
        return resolver_.lookup(question.name, tell);
    }
  }

  Resolver& resolver_;
  next_hop::Location location_;
  Done<next_hop::Candidates> done_;
};

}  // namespace

void locate(Resolver& resolver, next_hop::Wanted wanted, std::vector<transport::Kind> ours, std::uint64_t seed,
            Done<next_hop::Candidates> done) {
  next_hop::Location location{std::move(wanted), std::move(ours), seed};
  std::make_shared<Search>(resolver, std::move(location), std::move(done))->go_on();
}

}  // namespace proxy::dns
