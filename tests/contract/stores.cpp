#include <contract/stores.hpp>

#include <support/redis_cluster.hpp>
#include <support/set_calendar.hpp>

#include <tallycast/embedded/store.hpp>
#include <tallycast/redis/store.hpp>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <thread>
#include <utility>

namespace tallycast::test {

namespace {

class embedded_store final : public tested_store {
public:
    embedded_store(std::string data_dir, embedded::durability level, bool temporary)
        : data_dir_(std::move(data_dir)), temporary_(temporary) {
        auto opened =
            embedded::store::open({.data_dir = data_dir_, .level = level}, clock, meter, log);
        if (!opened) throw std::runtime_error(opened.error().detail);
        store_ = std::move(*opened);
        store_->start(changes);
    }

    ~embedded_store() override {
        store_.reset();
        if (temporary_) std::filesystem::remove_all(data_dir_);
    }

    ports::vote_store& votes() override { return *store_; }
    ports::poll_store& polls() override { return *store_; }
    void stop() override { store_->stop(); }

private:
    std::string data_dir_;
    bool temporary_;
    std::unique_ptr<embedded::store> store_;
};

std::vector<std::string> shown_by(const set_calendar& calendar) {
    return {"LD_PRELOAD=" + set_clock_library(), "TALLYCAST_SET_CLOCK=" + calendar.file()};
}

// Servers whose calendar follows the fake clock of the test.
struct redis_servers {
    virtual ~redis_servers() = default;
    virtual std::string url() const = 0;
    set_calendar calendar;
};

struct lone_redis final : redis_servers {
    std::string url() const override { return server.url(); }
    redis_server server{{}, 0, {}, shown_by(calendar)};
};

// To find together it takes seconds, which must go by; once it stands, no jump of the calendar may
// look like a silence.
struct three_primaries final : redis_servers {
    std::string url() const override { return servers.url(); }
    redis_cluster servers{3, false, shown_by(calendar), std::chrono::hours(240)};
};

// On these servers, with a thread for the store's core.
class redis_store final : public tested_store {
public:
    redis_store(std::shared_ptr<redis_servers> servers, std::uint16_t slices)
        : servers_(std::move(servers)) {
        clock.follow([this](base::wall_time now) { servers_->calendar.show(now); });
        auto opened = redis::store::open(
            {.url = servers_->url(), .level = redis::durability::async, .slices = slices}, clock,
            meter, log);
        if (!opened) throw std::runtime_error(opened.error().detail);
        store_ = std::move(*opened);
        if (auto started = store_->start(changes); !started)
            throw std::runtime_error(started.error().detail);
        votes_ = &store_->votes_on(core_.get_executor());
        thread_ = std::thread([this] { core_.run(); });
    }

    ~redis_store() override {
        store_->stop();
        open_.reset();
        thread_.join();
        store_.reset();
    }

    ports::vote_store& votes() override { return *votes_; }
    ports::poll_store& polls() override { return *store_; }
    void stop() override { store_->stop(); }

private:
    std::shared_ptr<redis_servers> servers_;
    boost::asio::io_context core_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> open_{
        core_.get_executor()};
    std::unique_ptr<redis::store> store_;
    ports::vote_store* votes_ = nullptr;
    std::thread thread_;
};

std::string fresh_folder() {
    auto name = (std::filesystem::temp_directory_path() / "tallycast-contract-XXXXXX").string();
    if (!::mkdtemp(name.data())) throw std::runtime_error("no temporary folder");
    return name;
}

std::unique_ptr<tested_store> in_memory() {
    return std::make_unique<embedded_store>(":memory:", embedded::durability::memory, false);
}

std::unique_ptr<tested_store> on_disk() {
    return std::make_unique<embedded_store>(fresh_folder(), embedded::durability::fsync, true);
}

std::unique_ptr<tested_store> in_redis() {
    return std::make_unique<redis_store>(std::make_shared<lone_redis>(), 1);
}

std::unique_ptr<tested_store> in_redis_slices() {
    return std::make_unique<redis_store>(std::make_shared<lone_redis>(), 16);
}

// One for all tests, emptied for each.
std::unique_ptr<tested_store> in_redis_cluster() {
    static const auto cluster = std::make_shared<three_primaries>();
    for (std::size_t i = 0; i < cluster->servers.primaries(); ++i)
        cluster->servers.primary(i).say({"FLUSHALL"});
    constexpr std::uint16_t one_a_primary = 0;
    return std::make_unique<redis_store>(cluster, one_a_primary);
}

}  // namespace

const std::vector<store_kind>& store_kinds() {
    static const std::vector<store_kind> kinds{{"embedded_in_memory", in_memory},
                                               {"embedded_on_disk", on_disk},
                                               {"redis_standalone", in_redis},
                                               {"redis_in_16_slices", in_redis_slices},
                                               {"redis_cluster", in_redis_cluster}};
    return kinds;
}

void store_contract::SetUp() {
    store_ = GetParam().make();
    ASSERT_TRUE(answer_of(polls().add_tenant(a_tenant())));
    ASSERT_TRUE(answer_of(polls().add_event(an_event())));
}

domain::poll store_contract::add(domain::poll poll) {
    auto added = answer_of(polls().add_poll(std::move(poll)));
    EXPECT_TRUE(added) << added.error().detail;
    return std::move(*added);
}

domain::poll store_contract::open(domain::poll poll) {
    const auto draft = add(std::move(poll));
    auto opened = move(domain::transition::open, {}, draft.id.str());
    EXPECT_TRUE(opened) << opened.error().detail;
    return std::move(*opened);
}

base::result<domain::poll> store_contract::move(domain::transition what,
                                                std::optional<base::milliseconds> duration,
                                                const std::string& poll) {
    return answer_of(polls().move_poll(base::poll_id(poll), what, duration));
}

std::vector<domain::decision> store_contract::cast(std::vector<domain::vote_request> group,
                                                   const std::string& poll) {
    auto decisions = answer_of(votes().cast({base::poll_id(poll), std::move(group)}));
    EXPECT_TRUE(decisions) << decisions.error().detail;
    return std::move(*decisions);
}

domain::decision store_contract::cast_one(const domain::vote_request& vote,
                                          const std::string& poll) {
    return cast({vote}, poll).at(0);
}

domain::results store_contract::results(std::uint32_t round, const std::string& poll) {
    auto shown = answer_of(votes().results(base::poll_id(poll), round));
    EXPECT_TRUE(shown) << shown.error().detail;
    return std::move(*shown);
}

domain::results store_contract::final_results() {
    auto shown = results();
    EXPECT_TRUE(eventually([&] { return (shown = results()).final; }));
    return shown;
}

domain::ledger store_contract::ledger(std::uint32_t round, const std::string& poll) {
    auto kept = answer_of(votes().ledger(base::poll_id(poll), round));
    EXPECT_TRUE(kept) << kept.error().detail;
    return *kept;
}

void store_contract::expect_balance(std::uint32_t round, const std::string& poll) {
    const auto l = ledger(round, poll);
    const auto shown = results(round, poll);
    EXPECT_TRUE(domain::balances(l));
    EXPECT_EQ(shown.tally.voters(), domain::voters(l));
    domain::tally counted(shown.definition);
    base::voter_number after;
    for (bool more = true; more;) {
        auto page = answer_of(votes().ballots(base::poll_id(poll), round, after, 100));
        ASSERT_TRUE(page);
        for (const auto& b : page->ballots) {
            EXPECT_LT(after, b.voter);
            after = b.voter;
            counted.add(shown.definition, b.vote);
        }
        more = page->more;
    }
    EXPECT_EQ(counted, shown.tally);
}

}  // namespace tallycast::test
