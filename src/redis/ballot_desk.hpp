#pragma once
// Where ballots go to Redis and their decisions come back, for one executor. What was acknowledged
// is kept for a while and applied again at a primary that may not have it, before anything else is
// sent there. Nothing is shared with other executors but the house.

#include "acknowledged.hpp"
#include "client.hpp"
#include "house_line.hpp"
#include "known_polls.hpp"
#include "met_primaries.hpp"
#include "replies.hpp"

#include <tallycast/ports/log.hpp>
#include <tallycast/ports/meter.hpp>
#include <tallycast/ports/vote_store.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tallycast::redis {

struct ballot_rules {
    copies kept_by;         // what a group must reach before it is answered
    bool position = false;  // whether a primary can be replaced: then its offset is asked for
    bool again = true;      // what was acknowledged is applied again where it may be missing
};

class ballot_desk final : public greeter {
public:
    ballot_desk(boost::asio::any_io_executor executor, house_line& house, known_polls& polls,
                ports::meter& meter, ports::log& log);

    // Once, before the first cast. The client was made with this desk as its greeter.
    void use(client& redis, const ballot_rules& rules);

    // As ports::vote_store says.
    boost::asio::awaitable<base::result<std::vector<domain::decision>>> cast(
        ports::vote_group group);

    // Applies again what this primary may not have of what was acknowledged.
    boost::asio::awaitable<bool> greet(const primary& who, say_function say) override;
    void still_there(const primary& who) override;
    void refused() override { house_.refused_by_store(); }

private:
    struct part;  // the votes of a group that are for one slice
    using parts = std::vector<std::shared_ptr<part>>;

    static parts dealt(const ports::vote_group& group, const domain::poll& poll);
    boost::asio::awaitable<void> cast_all(poll_ptr poll, const parts& dealt);
    boost::asio::awaitable<void> cast_part(poll_ptr poll, std::shared_ptr<part> votes);
    // One sending: whether there is an answer now; otherwise it is to be sent again.
    boost::asio::awaitable<bool> send_once(poll_ptr poll, part& votes);
    boost::asio::awaitable<bool> settle(poll_ptr poll, part& votes, cast_reply reply,
                                        const written& as);
    boost::asio::awaitable<bool> place_first(const base::poll_id& poll, part& votes);
    static pipeline call_of(const part& votes);
    struct greeting;  // and what came of it so far
    boost::asio::awaitable<bool> give(greeting& under_way, std::vector<acknowledged_group> missing);
    boost::asio::awaitable<bool> place_missing(greeting& under_way);
    void remember(const domain::poll& poll, const part& votes, const cast_reply& reply,
                  const written& as);
    void say(std::string_view what, std::string_view why);

    boost::asio::any_io_executor executor_;
    house_line& house_;
    known_polls& polls_;
    ports::meter& meter_;
    ports::log& log_;
    client* redis_ = nullptr;
    ballot_rules rules_;
    acknowledged acknowledged_;
    met_primaries met_;
    base::mono_time last_said_{};
};

}  // namespace tallycast::redis
