#include <tallycast/server/evening_out.hpp>

#include <tallycast/app/crypto.hpp>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace tallycast::server {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::seconds between_beats{1};

}  // namespace

evening_out::evening_out(asio::io_context& io, ports::roll_call& roll,
                         std::function<void(double)> send_away, const ports::clock& clock,
                         telemetry::metrics& meter, ports::log& log)
    : wait_(io),
      roll_(roll),
      send_away_(std::move(send_away)),
      clock_(clock),
      meter_(meter),
      log_(log),
      name_(app::random_id()),
      share_(name_) {}

void evening_out::stop() {
    stopping_ = true;
    wait_.cancel();
}

asio::awaitable<void> evening_out::run() {
    while (!stopping_) {
        boost::system::error_code ec;
        wait_.expires_after(between_beats);
        co_await wait_.async_wait(asio::redirect_error(asio::use_awaitable, ec));
        if (stopping_) break;
        auto work = beat();
        co_await std::move(work);
    }
    meter_.set(ports::level::people_share, 0);
    std::vector<std::string> own{name_};
    auto leaving = roll_.call_roll(std::nullopt, std::move(own));
    co_await std::move(leaving);
    ended_ = true;
}

std::uint64_t evening_out::people_here() const {
    const auto live = meter_.level(ports::gauge::websocket_connections) +
                      meter_.level(ports::gauge::sse_connections);
    return static_cast<std::uint64_t>(std::max<std::int64_t>(live, 0));
}

asio::awaitable<void> evening_out::beat() {
    const auto people = people_here();
    std::optional<ports::node_word> own{ports::node_word{name_, ++beat_, people}};
    auto work = roll_.call_roll(std::move(own), std::exchange(strike_, {}));
    const auto words = co_await std::move(work);
    if (!words) {
        share_.hear_nothing();
        if (std::exchange(heard_, false))
            log_.write(ports::severity::warn, "the other nodes are not heard of",
                       {{"why", words.error().detail}});
        co_return;
    }
    heard_ = true;
    if (!stopping_) follow(share_.hear(clock_.mono(), *words), people);
}

void evening_out::follow(const app::fair_share::advice& said, std::uint64_t people) {
    strike_ = said.strike;
    meter_.set(ports::level::people_share, said.share);
    if (said.send_away == 0) return;
    log_.write(ports::severity::info, "sending people to other nodes",
               {{"people", std::to_string(said.send_away)}, {"of", std::to_string(people)}});
    send_away_(static_cast<double>(said.send_away) / static_cast<double>(people));
}

}  // namespace tallycast::server
