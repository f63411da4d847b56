#pragma once
// Says once a second on the store's roll how many people watch at this node, hears what the other
// nodes have, and sends a few away where app::fair_share says so. Lives on one executor.

#include <tallycast/app/fair_share.hpp>
#include <tallycast/ports/clock.hpp>
#include <tallycast/ports/log.hpp>
#include <tallycast/ports/roll_call.hpp>
#include <tallycast/telemetry/metrics.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace tallycast::server {

class evening_out {
public:
    // `send_away`: at most this share of the live connections. All but it outlive this.
    evening_out(boost::asio::io_context& io, ports::roll_call& roll,
                std::function<void(double)> send_away, const ports::clock& clock,
                telemetry::metrics& meter, ports::log& log);

    // Until stop(); then this node's word is struck, so that nobody waits for its silence.
    boost::asio::awaitable<void> run();
    void stop();
    bool ended() const noexcept { return ended_; }

private:
    std::uint64_t people_here() const;
    boost::asio::awaitable<void> beat();
    void follow(const app::fair_share::advice& said, std::uint64_t people);

    boost::asio::steady_timer wait_;
    ports::roll_call& roll_;
    const std::function<void(double)> send_away_;
    const ports::clock& clock_;
    telemetry::metrics& meter_;
    ports::log& log_;
    const std::string name_;
    app::fair_share share_;
    std::vector<std::string> strike_;
    std::uint64_t beat_ = 0;
    bool heard_ = true;
    bool stopping_ = false;
    bool ended_ = false;
};

}  // namespace tallycast::server
