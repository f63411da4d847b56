#pragma once
// Everything the use cases of one I/O thread work with. Shared by nobody: each core has its own,
// made by the server, and only its own thread touches it.

#include <tallycast/app/admission.hpp>
#include <tallycast/app/catalog.hpp>
#include <tallycast/app/flag_board.hpp>
#include <tallycast/app/limiter.hpp>
#include <tallycast/app/number_source.hpp>
#include <tallycast/app/refusal_book.hpp>
#include <tallycast/app/token.hpp>
#include <tallycast/app/unshown_results.hpp>
#include <tallycast/app/vote_batcher.hpp>
#include <tallycast/ports/clock.hpp>
#include <tallycast/ports/log.hpp>
#include <tallycast/ports/meter.hpp>
#include <tallycast/ports/poll_store.hpp>
#include <tallycast/ports/tracer.hpp>
#include <tallycast/ports/vote_store.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace tallycast::app {

struct core_settings {
    std::vector<signing_key> token_keys;
    std::string receipt_key;  // secret; the same on every node of a store
    std::string
        operator_hash;  // SHA-256 of the operator key in hexadecimal; empty: nobody is operator
    std::chrono::seconds token_life{std::chrono::hours{12}};
    limit_rates limits;
    std::shared_ptr<tenant_quota> tenants;  // of all cores; null: of this one alone
    std::size_t vote_queue_limit = 65'536;
    double trace_share = 0.01;  // while the flag is not set
};

// A ballot was accepted, or taken back, in a poll that shows its results to those who have voted.
struct voter_news {
    base::event_id event;
    base::poll_id poll;
    std::uint32_t round = 0;
    base::voter_number voter;
    bool has_ballot = false;
};

constexpr ports::count shed_count_of(work kind) {
    return static_cast<ports::count>(static_cast<int>(ports::count::shed_votes) +
                                     static_cast<int>(kind));
}
static_assert(shed_count_of(work::vote) == ports::count::shed_votes &&
                  shed_count_of(work::export_) == ports::count::shed_exports,
              "both lists have one order");

// The ports, which outlive whoever is given them.
struct outside_world {
    ports::vote_store& votes;
    ports::poll_store& polls;
    const ports::clock& clock;
    ports::meter& meter;
    ports::log& log;
};

struct core {
    core(boost::asio::any_io_executor on, const core_settings& s, const outside_world& world)
        : executor(on),
          settings(s),
          votes(world.votes),
          polls(world.polls),
          clock(world.clock),
          meter(world.meter),
          log(world.log),
          flags(s.trace_share),
          tokens(s.token_keys),
          receipts(s.receipt_key),
          limits(s.limits, s.tenants ? s.tenants : tenant_quotas(s.limits)),
          numbers(on, world.polls),
          batcher(on, world.votes, s.vote_queue_limit, world.clock, world.meter) {}

    // Whether this kind of work is taken on now; counts what is not.
    bool admits(work kind) {
        const bool admitted = admission.admits(kind);
        if (!admitted) meter.add(shed_count_of(kind));
        return admitted;
    }

    boost::asio::any_io_executor executor;
    core_settings settings;
    ports::vote_store& votes;
    ports::poll_store& polls;
    const ports::clock& clock;
    ports::meter& meter;
    ports::log& log;
    ports::tracer* tracer = nullptr;  // set by the server where traces are wanted

    app::catalog catalog;
    flag_board flags;
    token_signer tokens;
    hmac_sha256 receipts;
    limiter limits;
    app::admission admission;
    refusal_book refusals;
    number_source numbers;
    vote_batcher batcher;
    unshown_results unshown;

    // Brings the refusals of every core of this node into the store's ledger; set by the server.
    std::function<boost::asio::awaitable<void>()> settle_refusals;

    // For whoever shows results live; may be empty.
    std::function<void(voter_news)> on_voter_news;
};

// Tells the store what this core refused. What it does not take is kept for the next time, as long
// as the process lives; true: it has taken all.
boost::asio::awaitable<bool> settle_own_refusals(core& on);

}  // namespace tallycast::app
