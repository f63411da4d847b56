#pragma once
// What every test of a store needs: ports that say nothing, a listener that remembers, a way to
// wait for an answer, and definitions to begin with.

#include <support/fake_clock.hpp>

#include <tallycast/domain/fingerprint.hpp>
#include <tallycast/ports/change_feed.hpp>
#include <tallycast/ports/log.hpp>
#include <tallycast/ports/meter.hpp>
#include <tallycast/ports/poll_store.hpp>
#include <tallycast/ports/vote_store.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

namespace tallycast::test {

inline constexpr std::chrono::seconds patience{20};

class quiet_log final : public ports::log {
public:
    bool enabled(ports::severity) const override { return true; }
    void write(ports::severity level, std::string_view, std::initializer_list<field>) override {
        if (level == ports::severity::error) ++errors_;
    }
    int errors() const { return errors_; }

private:
    std::atomic<int> errors_{0};
};

class counting_meter final : public ports::meter {
public:
    void add(ports::count what, std::uint64_t by) override {
        counts_[static_cast<std::size_t>(what)] += by;
    }
    void move(ports::gauge what, std::int64_t by) override {
        gauges_[static_cast<std::size_t>(what)] += by;
    }
    void set(ports::level, double) override {}
    void observe(ports::timing, double) override {}
    void observe(ports::size, std::uint64_t) override {}

    std::uint64_t of(ports::count what) const { return counts_[static_cast<std::size_t>(what)]; }
    std::int64_t of(ports::gauge what) const { return gauges_[static_cast<std::size_t>(what)]; }

private:
    std::array<std::atomic<std::uint64_t>, static_cast<std::size_t>(ports::count::count_)>
        counts_{};
    std::array<std::atomic<std::int64_t>, static_cast<std::size_t>(ports::gauge::count_)> gauges_{};
};

class recorded_changes final : public ports::change_listener {
public:
    void on_change(const ports::change& what) override {
        const std::lock_guard lock(mutex_);
        changes_.push_back(what);
        came_.notify_all();
    }

    std::vector<ports::change> all() const {
        const std::lock_guard lock(mutex_);
        return changes_;
    }

    // Everything told of one kind, in order.
    template <class T>
    std::vector<T> of() const {
        std::vector<T> found;
        for (const auto& one : all())
            if (const auto* what = std::get_if<T>(&one)) found.push_back(*what);
        return found;
    }

    std::vector<std::shared_ptr<const domain::results>> results() const {
        return of<std::shared_ptr<const domain::results>>();
    }

    // False when it did not come about in time.
    bool wait_until(const std::function<bool(const std::vector<ports::change>&)>& told) const {
        std::unique_lock lock(mutex_);
        return came_.wait_for(lock, patience, [&] { return told(changes_); });
    }

private:
    mutable std::mutex mutex_;
    mutable std::condition_variable came_;
    std::vector<ports::change> changes_;
};

template <class T>
boost::asio::awaitable<void> keep_answer(boost::asio::awaitable<T> asked, std::optional<T>& into) {
    into.emplace(co_await std::move(asked));
}

// Runs one call to its end on an executor of its own.
template <class T>
T answer_of(boost::asio::awaitable<T> asked) {
    boost::asio::io_context io;
    std::optional<T> answer;
    std::exception_ptr failed;
    boost::asio::co_spawn(io, keep_answer(std::move(asked), answer),
                          [&](std::exception_ptr e) { failed = e; });
    io.run();
    if (failed) std::rethrow_exception(failed);
    return std::move(*answer);
}

// True as soon as `holds` is; false when it was not in time.
inline bool eventually(const std::function<bool()>& holds) {
    const auto until = std::chrono::steady_clock::now() + patience;
    while (!holds()) {
        if (std::chrono::steady_clock::now() > until) return false;
        std::this_thread::yield();
    }
    return true;
}

inline domain::tenant a_tenant(const std::string& id = "tenant") {
    return {.id = base::tenant_id(id), .name = "Town hall", .quotas = {}, .created_at = {}};
}

inline domain::event an_event(const std::string& id = "event", const std::string& code = "ACDFGH",
                              const std::string& tenant = "tenant") {
    return {.id = base::event_id(id),
            .tenant = base::tenant_id(tenant),
            .title = "Evening",
            .code = code,
            .settings = {},
            .revision = 1,
            .created_at = {}};
}

inline domain::poll a_poll(const std::string& id = "poll", const std::string& event = "event") {
    domain::poll p;
    p.id = base::poll_id(id);
    p.event = base::event_id(event);
    p.tenant = base::tenant_id("tenant");
    p.definition.question = "Best act?";
    p.definition.options = {{"a", "Blue"}, {"b", "Red"}, {"c", "Green"}};
    return p;
}

inline domain::poll a_changeable_poll(const std::string& id = "poll",
                                      const std::string& event = "event") {
    auto p = a_poll(id, event);
    p.definition.rules.allow_change = true;
    return p;
}

// A single choice: `option` counts from 1. Without a key the ballot is its own key.
inline domain::vote_request a_vote(std::uint64_t voter, std::uint64_t option,
                                   std::string_view key = {}, std::uint32_t revision = 1'000'000) {
    const domain::ballot vote{option};
    const auto tag = key.empty() ? domain::tag_of_ballot(vote) : domain::tag_of_key(key);
    return {base::voter_number{voter}, vote, tag, revision};
}

inline domain::vote_request a_withdrawal(std::uint64_t voter,
                                         std::string_view key = "take it back") {
    return {base::voter_number{voter}, {}, domain::tag_of_key(key), 1'000'000};
}

}  // namespace tallycast::test
