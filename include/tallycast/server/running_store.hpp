#pragma once
// The store that the configuration names, behind one face: the node asks for ports and never which
// of the two there is.

#include <tallycast/config/settings.hpp>
#include <tallycast/ports/change_feed.hpp>
#include <tallycast/ports/clock.hpp>
#include <tallycast/ports/log.hpp>
#include <tallycast/ports/meter.hpp>
#include <tallycast/ports/poll_store.hpp>
#include <tallycast/ports/roll_call.hpp>
#include <tallycast/ports/token_lender.hpp>
#include <tallycast/ports/vote_store.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <memory>
#include <string>

namespace tallycast::server {

class running_store {
public:
    // Fails with a sentence for the operator. Clock, meter and log outlive the store.
    static base::result<std::unique_ptr<running_store>> open(const config::settings& s,
                                                             const ports::clock& clock,
                                                             ports::meter& meter, ports::log& log);
    virtual ~running_store() = default;

    // Once, before all below. The listener outlives stop().
    virtual base::result<void> start(ports::change_listener& listener) = 0;
    virtual ports::poll_store& polls() = 0;
    // For an executor that one thread runs and whose context outlives this store.
    virtual ports::vote_store& votes_on(boost::asio::any_io_executor core) = 0;
    // By which tokens end, and all nodes of a store agree.
    virtual const ports::clock& clock() = 0;
    // Of tenants' tokens that its nodes share; null where there is one node.
    virtual ports::token_lender* lender() = 0;
    // Of its nodes; null where there is one.
    virtual ports::roll_call* roll() = 0;
    virtual bool ready() const noexcept = 0;  // any thread
    // What is wrong with the store, ready or not, for the operator; empty: nothing is known to be.
    // Any thread.
    virtual std::string trouble() const = 0;
    virtual void stop() = 0;
};

}  // namespace tallycast::server
