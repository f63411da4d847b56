#include "inspector.hpp"

#include "acknowledged.hpp"
#include "place.hpp"
#include "side_by_side.hpp"
#include "trial.hpp"

#include <algorithm>
#include <utility>

namespace tallycast::redis {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::milliseconds patience{1000};
constexpr std::chrono::seconds time_for_others{2};  // at the start: a shard may be down
constexpr std::chrono::seconds between_looks{10};
constexpr std::chrono::seconds between_looks_in_trouble{1};

base::mono_time now() { return std::chrono::steady_clock::now(); }

std::optional<std::size_t> place_at(const primary& who) {
    for (std::size_t place = 0; place < place_count; ++place)
        if (owns(who, slot_of(tag_of(place)))) return place;
    return std::nullopt;
}

}  // namespace

asio::awaitable<std::optional<base::result<server_facts>>> inspector::look_first() {
    auto work = look_at_all(true);
    co_await std::move(work);
    for (const auto one : {&opinion::forbidden, &opinion::unfit})
        for (const auto& [at, found] : known_)
            if (!(found.*one).empty())
                co_return base::failure(base::errc::store_unavailable,
                                        at + ": " + found.*one + '.');
    if (!of_catalog_) co_return std::nullopt;
    if (others_until_ == base::mono_time{}) others_until_ = now() + time_for_others;
    if (known_.size() < redis_.primary_count() && now() < others_until_) co_return std::nullopt;
    soon_ = false;
    // From now on replicas may come and go: votes wait for them by themselves.
    if (level_ == durability::replicated) level_ = durability::async;
    co_return *of_catalog_;
}

asio::awaitable<void> inspector::look() {
    const bool trying = std::exchange(soon_, false) || !forbidden().empty();
    const auto before = known_;
    auto work = look_at_all(trying);
    co_await std::move(work);
    for (const auto& [at, found] : known_) {
        const auto was = before.find(at);
        tell(at, was == before.end() ? opinion{} : was->second, found);
    }
}

bool inspector::is_due(base::mono_time at) const {
    const bool hurry = soon_ || !forbidden().empty() || !unfit().empty();
    return at - looked_at_ >= (hurry ? between_looks_in_trouble : between_looks);
}

std::string inspector::forbidden() const {
    for (const auto& [at, found] : known_)
        if (!found.forbidden.empty()) return at + ": " + found.forbidden;
    return {};
}

std::string inspector::unfit() const {
    for (const auto& [at, found] : known_)
        if (!found.unfit.empty()) return at + ": " + found.unfit;
    return {};
}

// What is no primary any more is forgotten.
asio::awaitable<void> inspector::look_at_all(bool trying) {
    looked_at_ = now();
    const auto all = redis_.primaries();
    std::erase_if(known_, [&](const auto& one) {
        return std::ranges::none_of(all, [&](const auto& p) { return p.address == one.first; });
    });
    std::vector<asio::awaitable<void>> looks;
    for (const auto& one : all)
        if (!one.ranges.empty()) looks.push_back(look_at(one, trying));
    auto work = side_by_side(executor_, std::move(looks));
    co_await std::move(work);
}

asio::awaitable<void> inspector::look_at(primary who, bool trying) {
    opinion found;
    const bool has_catalog = owns(who, slot_of(catalog_tag));
    auto asking = redis_.call(who.ranges.front().first, questions_to_server(level_), patience);
    const auto answers = co_await std::move(asking);
    if (!answers && !answers.error().refused) co_return;
    if (!answers) {
        found.forbidden = "the user may not use INFO (it said: " + answers.error().detail + ')';
    } else if (const auto facts = facts_of(*answers, level_)) {
        if (has_catalog) of_catalog_ = *facts;
    } else {
        found.unfit = facts.error().detail;
    }
    if (trying && found.forbidden.empty()) {
        auto work = forbidden_at(who);
        found.forbidden = co_await std::move(work);
    }
    known_[who.address] = std::move(found);
}

asio::awaitable<std::string> inspector::forbidden_at(primary who) {
    if (const auto place = place_at(who)) {
        std::vector<std::string> channels{results_channel(*place), waiting_channel(*place)};
        auto work = tried(slot_of(tag_of(*place)), tag_of(*place), std::move(channels));
        auto why = co_await std::move(work);
        if (!why.empty()) co_return why;
    }
    if (!owns(who, slot_of(catalog_tag))) co_return std::string();
    std::vector<std::string> channels{catalog_key("changed")};
    auto work = tried(slot_of(catalog_tag), std::string(catalog_tag), std::move(channels));
    co_return co_await std::move(work);
}

asio::awaitable<std::string> inspector::tried(slot at, std::string tag,
                                              std::vector<std::string> channels) {
    auto work = redis_.call(at, trial_at(tag, channels), patience);
    const auto got = co_await std::move(work);
    co_return refused_in(got, tag);
}

void inspector::tell(const std::string& server, const opinion& before, const opinion& now) const {
    for (const auto one : {&opinion::forbidden, &opinion::unfit}) {
        if (before.*one == now.*one) continue;
        const bool well = (now.*one).empty();
        const auto& why = well ? before.*one : now.*one;
        log_.write(well ? ports::severity::info : ports::severity::error,
                   well ? "a server is as it must be again" : "a server is not as it must be",
                   {{"server", server}, {"why", why}});
    }
}

}  // namespace tallycast::redis
