#pragma once
// An embedded store in a folder of its own, which may be stopped, opened again, copied and damaged.

#include <support/store_fixture.hpp>
#include <support/temporary_folder.hpp>

#include <tallycast/embedded/store.hpp>

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <string>

namespace tallycast::test {

inline std::string content_of(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

class embedded_on_disk : public ::testing::Test {
protected:
    base::result<std::unique_ptr<embedded::store>> try_to_open(const std::string& data_dir) {
        return embedded::store::open({.data_dir = data_dir}, clock_, meter_, log_);
    }

    void open() { open(folder_.path()); }
    void open(const std::string& data_dir) {
        auto opened = try_to_open(data_dir);
        ASSERT_TRUE(opened) << opened.error().detail;
        store_ = std::move(*opened);
        store_->start(changes_);
    }

    void close() { store_.reset(); }

    // One tenant, one event and one open poll in which ballots may be changed.
    void open_with_poll() {
        open();
        ASSERT_TRUE(answer_of(store_->add_tenant(a_tenant())));
        ASSERT_TRUE(answer_of(store_->add_event(an_event())));
        ASSERT_TRUE(answer_of(store_->add_poll(a_changeable_poll())));
        ASSERT_TRUE(answer_of(store_->move_poll(poll_, domain::transition::open, {})));
    }

    base::result<std::vector<domain::decision>> cast(std::vector<domain::vote_request> group) {
        return answer_of(store_->cast({poll_, std::move(group)}));
    }

    domain::results results(std::uint32_t round = 0) {
        return answer_of(store_->results(poll_, round)).value();
    }
    domain::ledger ledger(std::uint32_t round = 0) {
        return answer_of(store_->ledger(poll_, round)).value();
    }

    std::vector<std::pair<std::uint64_t, std::uint64_t>> ballots(std::uint32_t round = 0) {
        std::vector<std::pair<std::uint64_t, std::uint64_t>> found;
        const auto page = answer_of(store_->ballots(poll_, round, {}, 10'000));
        for (const auto& b : page->ballots) found.emplace_back(b.voter.value, b.vote.bits);
        return found;
    }

    const base::poll_id poll_{"poll"};
    temporary_folder folder_;
    fake_clock clock_;
    counting_meter meter_;
    quiet_log log_;
    recorded_changes changes_;
    std::unique_ptr<embedded::store> store_;
};

}  // namespace tallycast::test
