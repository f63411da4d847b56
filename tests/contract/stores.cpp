#include <contract/stores.hpp>

#include <tallycast/embedded/store.hpp>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
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

}  // namespace

const std::vector<store_kind>& store_kinds() {
    static const std::vector<store_kind> kinds{{"embedded_in_memory", in_memory},
                                               {"embedded_on_disk", on_disk}};
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
