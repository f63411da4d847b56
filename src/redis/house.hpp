#pragma once
// The part of the store that all executors share, on a thread of its own: it knows the catalog and
// the clock of the store, changes definitions, hears what slices publish, and tells the node. Cores
// reach it through house_line.

#include "announcer.hpp"
#include "ballot_desk.hpp"
#include "client.hpp"
#include "follower.hpp"
#include "host_desk.hpp"
#include "house_line.hpp"
#include "inspector.hpp"
#include "known_polls.hpp"
#include "met_primaries.hpp"
#include "readings.hpp"
#include "roll_desk.hpp"
#include "server_facts.hpp"
#include "store_clock.hpp"
#include "subscriber.hpp"
#include "token_desk.hpp"

#include <tallycast/redis/store.hpp>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

namespace tallycast::redis {

class house final : public house_line {
public:
    house(const store_options& options, deployment where, const ports::clock& clock,
          ports::meter& meter, ports::log& log);
    ~house() override;

    // Connects, checks what the servers promise, loads the catalog and tells it. A sentence for
    // the operator when that is not done within options.start_time.
    base::result<void> start(ports::change_listener& listener);
    // Tells the last results and ends the thread.
    void stop();
    bool ready() const noexcept { return ready_.load(std::memory_order_relaxed); }
    std::string trouble() const;

    boost::asio::any_io_executor executor() { return io_.get_executor(); }
    host_desk& host() { return *host_; }
    token_desk& tokens() { return tokens_; }
    roll_desk& roll() { return roll_; }
    const deployment& where() const { return where_; }
    const ports::clock& clock() const { return time_; }
    client_options link_options() const;
    ballot_rules rules() const;
    copies catalog_kept_by() const;

    // A core's own knowledge of the polls, kept current from now on: `learn` is posted to `at`.
    void attach(boost::asio::any_io_executor at, known_polls& polls);

    // Catches up; whether a definition changed in it or just before.
    boost::asio::awaitable<base::result<bool>> look_for_news();

    boost::asio::awaitable<base::result<poll_ptr>> find(base::poll_id id) override;
    boost::asio::awaitable<base::result<void>> catch_up() override;
    boost::asio::awaitable<base::result<void>> move_due() override;
    boost::asio::awaitable<base::result<void>> place_again(base::poll_id id) override;
    boost::asio::awaitable<void> heard(slice_counts counts) override;
    boost::asio::awaitable<std::shared_ptr<const domain::results>> known_results(
        base::poll_id id) override;
    void was_read(std::vector<slice_counts> parts) override;
    void primary_replaced() override;
    bool settled() const override;
    void flush_in(std::chrono::milliseconds wait, base::poll_id poll, std::uint16_t slice) override;
    void slice_is_behind(base::poll_id poll) override;
    void refused_by_store() override;

private:
    // Tells the node what the announcer tells, and every core the polls.
    class relay final : public ports::change_listener {
    public:
        explicit relay(house& of) : of_(of) {}
        void on_change(const ports::change& what) override;
        ports::change_listener* node = nullptr;

    private:
        house& of_;
    };
    // Distrusts what is known whenever a primary is greeted that may have another history.
    class doorman final : public greeter {
    public:
        explicit doorman(house& of) : of_(of) {}
        boost::asio::awaitable<bool> greet(const primary& who, say_function say) override;
        void refused() override { of_.inspector_.try_soon(); }

    private:
        house& of_;
        met_primaries met_;
    };
    struct attached {
        boost::asio::any_io_executor at;
        known_polls* polls = nullptr;
    };

    boost::asio::awaitable<base::result<void>> begin();
    boost::asio::awaitable<base::result<server_facts>> ask_servers();
    boost::asio::awaitable<base::result<void>> hear_first();
    boost::asio::awaitable<void> inspect();
    std::string forbidden() const;
    std::vector<poll_ptr> polls_begun(bool running_only) const;
    boost::asio::awaitable<void> read_all(bool running_only);
    boost::asio::awaitable<bool> read_one(poll_ptr poll, bool raise);
    bool is_calm() const;
    boost::asio::awaitable<void> settle();
    boost::asio::awaitable<void> tick();
    boost::asio::awaitable<void> look_after();
    boost::asio::awaitable<void> look_once();
    void find_unfinished();
    void note_behind(const base::poll_id& id);
    boost::asio::awaitable<void> place_one_again();
    boost::asio::awaitable<void> sweep();
    boost::asio::awaitable<void> tell_given();
    boost::asio::awaitable<void> end();
    boost::asio::awaitable<void> take_changes();
    void on_message(std::string_view channel, std::string_view payload);
    void on_gap();

    store_options options_;
    deployment where_;
    const ports::clock& clock_;
    store_clock time_;
    ports::meter& meter_;
    ports::log& log_;
    boost::asio::io_context io_{1};
    std::optional<boost::asio::executor_work_guard<boost::asio::io_context::executor_type>> open_;
    relay relay_;
    doorman doorman_;
    server_facts facts_;
    registry registry_;
    std::unique_ptr<client> redis_;
    inspector inspector_;
    token_desk tokens_;
    roll_desk roll_;
    std::unique_ptr<slice_desk> slices_;
    std::unique_ptr<announcer> feed_;
    std::unique_ptr<follower> catalog_;
    std::unique_ptr<host_desk> host_;
    std::unique_ptr<subscriber> channels_;
    std::vector<attached> cores_;
    std::unordered_map<base::poll_id, base::mono_time> behind_;  // to be placed again, noted when
    base::mono_time look_at_changes_{};
    base::mono_time last_news_{};
    std::atomic<base::mono_time> settled_from_{base::mono_time{}};
    std::atomic<std::uint64_t> replacements_{0};
    std::atomic<std::uint64_t> raised_for_{0};  // versions are as high as those that were told
    bool changed_ = false;                      // a node has written something
    bool missed_ = false;  // something may have been published that was not heard
    base::mono_time sweep_at_{};
    bool stopping_ = false;
    std::atomic<bool> ready_{false};
    mutable std::mutex trouble_access_;
    std::string trouble_;
    std::thread thread_;
};

}  // namespace tallycast::redis
