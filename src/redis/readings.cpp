#include "readings.hpp"

#include "place.hpp"
#include "sheet_form.hpp"
#include "vote_pack.hpp"

#include <tallycast/domain/lifecycle.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace tallycast::redis {

namespace asio = boost::asio;

namespace {

using base::errc;
using base::failure;

constexpr std::chrono::milliseconds patience{2000};
constexpr std::uint64_t most_voters = std::uint64_t{1} << 32;
constexpr std::size_t most_ballots = 10'000;     // of a page
constexpr std::size_t chunk_bytes = 128 * 1024;  // of a slice's sheet, read at once

failure no_round() { return {errc::round_not_found, "The poll has no such round."}; }
failure not_voted() { return {errc::not_voted, "No ballot is in the count."}; }

std::uint32_t number_in(const std::string& text) {
    std::uint32_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

// What concerns a poll that is no more is done.
base::result<void> unless_gone(const failure& why) {
    if (why.code == errc::poll_not_found) return {};
    return why;
}

command note_of(const slice_keys& keys, const domain::ledger& refused) {
    command note{"FCALL", "tallycast1_note", "2", keys.meta, keys.counts};
    const auto add = [&note](std::string_view field, std::uint64_t by) {
        if (by > 0) note.add(field).add(by);
    };
    add("lr", refused.received);
    for (std::size_t kind = 0; kind < domain::rejection_kinds; ++kind)
        add("l" + std::to_string(kind), refused.rejected[kind]);
    return note;
}

bool is_over(domain::poll_status status) {
    return status == domain::poll_status::closed || status == domain::poll_status::archived;
}

}  // namespace

asio::awaitable<base::result<std::pair<poll_ptr, std::uint32_t>>> readings::find(
    base::poll_id id, std::uint32_t round) {
    for (int look = 0; look < 2; ++look) {
        auto work = polls_.find(id);
        const auto poll = co_await std::move(work);
        if (!poll) co_return poll.error();
        if (round == 0) co_return std::pair(*poll, (*poll)->round);
        if (round <= (*poll)->round) co_return std::pair(*poll, round);
        auto fresh = house_.catch_up();  // a round may have begun elsewhere
        const auto known = co_await std::move(fresh);
        if (!known) co_return known.error();
    }
    co_return no_round();
}

asio::awaitable<base::result<readings::reading>> readings::read(base::poll_id id,
                                                                std::uint32_t round) {
    for (int look = 0;; ++look) {
        auto finding = find(id, round);
        const auto found = co_await std::move(finding);
        if (!found) co_return found.error();
        const auto poll = found->first;  // no structured binding: clang 14 cannot capture it
        const auto number = found->second;
        auto asking = slices_.read(poll, number);
        const auto all = co_await std::move(asking);
        if (!all) co_return all.error();
        std::vector<slice_counts> parts;
        for (const auto& one : *all)
            if (one.counts) parts.push_back(*one.counts);
        // A slice that has not begun the round has nothing of it, not even the version.
        const auto has_begun = [&](const auto& part) { return part.round >= number; };
        const bool complete = parts.size() == poll->slices && std::ranges::all_of(parts, has_begun);
        const bool newer = std::ranges::any_of(
            parts, [&](const auto& part) { return part.revision > poll->revision; });
        if (look < 2 && (!complete || newer)) {
            auto work = complete ? house_.catch_up() : house_.place_again(id);
            const auto mended = co_await std::move(work);
            if (!mended) co_return mended.error();
            continue;
        }
        if (!complete) co_return store_unavailable();
        reading got{poll, number, together(parts), false};
        if (number == poll->round &&
            std::ranges::all_of(parts, [&](const auto& part) { return part.round == number; }))
            house_.was_read(parts);
        got.placed = std::ranges::all_of(
            parts, [&](const auto& part) { return part.revision >= poll->revision; });
        if (look < 2 && number == poll->round && domain::due(*poll, got.sum.at)) {
            auto work = house_.move_due();
            const auto moved = co_await std::move(work);
            if (moved) continue;
        }
        co_return got;
    }
}

asio::awaitable<base::result<domain::poll_definition>> readings::definition_of(
    poll_ptr poll, std::uint32_t round) {
    if (round == poll->round) co_return poll->definition;
    const auto field = poll->id.str() + ':' + std::to_string(round);
    pipeline calls{command{"HGET", catalog_key("rounds"), field}};
    auto work = redis_.call(slot_of(catalog_tag), std::move(calls), patience);
    const auto answers = co_await std::move(work);
    if (!answers) co_return failure_of(answers.error());
    auto definition = definition_in(answers->front().text);
    if (!definition) co_return no_round();
    co_return std::move(*definition);
}

asio::awaitable<base::result<domain::results>> readings::results(base::poll_id id,
                                                                 std::uint32_t round) {
    auto reading_it = read(id, round);
    const auto got = co_await std::move(reading_it);
    if (!got) co_return got.error();
    auto defining = definition_of(got->poll, got->round);
    const auto definition = co_await std::move(defining);
    if (!definition) co_return definition.error();
    auto shown = results_of(got->sum, *definition);
    const bool earlier = got->round < got->poll->round;
    shown.event = got->poll->event;
    shown.round = got->round;
    shown.status = earlier ? domain::poll_status::closed : got->poll->status;
    const bool settled = house_.settled();
    shown.final = got->placed && is_over(shown.status) && settled;
    if (earlier || settled) co_return shown;
    // A new primary may not have been given yet what it lacks: nobody is to see less than before.
    auto asking = house_.known_results(got->poll->id);
    const auto known = co_await std::move(asking);
    if (!known || known->round != shown.round || known->version <= shown.version) co_return shown;
    auto before = *known;
    before.status = shown.status;
    before.final = false;
    co_return before;
}

asio::awaitable<base::result<domain::ledger>> readings::ledger(base::poll_id id,
                                                               std::uint32_t round) {
    auto work = read(id, round);
    const auto got = co_await std::move(work);
    if (!got) co_return got.error();
    co_return got->sum.ledger;
}

// To the first slice: sums do not mind.
asio::awaitable<base::result<void>> readings::note_refused(base::poll_id id,
                                                           domain::ledger refused) {
    if (refused == domain::ledger{}) co_return base::result<void>();
    for (int look = 0; look < 2; ++look) {
        auto finding = polls_.find(id);
        const auto poll = co_await std::move(finding);
        if (!poll) co_return unless_gone(poll.error());
        const auto keys = keys_of(id, (*poll)->slices, 0, (*poll)->round);
        auto work = redis_.call(keys.at, {note_of(keys, refused)}, patience);
        const auto answers = co_await std::move(work);
        // What may have been noted is not noted again: the ledger would count it twice.
        if (!answers && answers.error().code == call_error::unknown) co_return base::result<void>();
        if (!answers) co_return failure_of(answers.error());
        if (answers->front().is_error()) co_return store_unavailable();
        if (number_at(answers->front(), 0) == 0) co_return base::result<void>();
        auto placing = house_.place_again(id);
        const auto placed = co_await std::move(placing);
        if (!placed) co_return unless_gone(placed.error());
    }
    co_return store_unavailable();
}

asio::awaitable<base::result<ports::kept_ballot>> readings::ballot_of(base::poll_id id,
                                                                      base::voter_number voter) {
    for (int look = 0; look < 2; ++look) {
        auto finding = polls_.find(id);
        const auto found = co_await std::move(finding);
        if (!found) co_return found.error();
        if (voter.value == 0 || voter.value >= most_voters) co_return not_voted();
        const auto& poll = **found;
        const auto form = form_of(poll.definition);
        const auto keys =
            keys_of(id, poll.slices, domain::slice_of(voter, poll.slices), poll.round);
        const auto from = index_of(voter, poll.slices) * form.bytes;
        pipeline calls{command{"HGET", keys.meta, "rnd"},
                       command{"GETRANGE", keys.sheet}.add(from).add(from + form.bytes - 1)};
        auto work = redis_.call(keys.at, std::move(calls), patience);
        const auto answers = co_await std::move(work);
        if (!answers) co_return failure_of(answers.error());
        if (answers->front().is_error()) co_return store_unavailable();
        if (number_in(answers->front().text) <= poll.round) {
            auto kept = ballot_in(form, answers->back().text);
            if (!kept) co_return not_voted();
            kept->voter = voter;
            co_return *kept;
        }
        auto fresh = house_.catch_up();  // another round has begun
        const auto known = co_await std::move(fresh);
        if (!known) co_return known.error();
    }
    co_return store_unavailable();
}

// Voter after voter: the same part of each slice's sheet, and then the next part.
asio::awaitable<base::result<ports::ballot_page>> readings::ballots(base::poll_id id,
                                                                    std::uint32_t round,
                                                                    base::voter_number after,
                                                                    std::size_t limit) {
    auto finding = find(id, round);
    const auto found = co_await std::move(finding);
    if (!found) co_return found.error();
    const auto [poll, number] = *found;
    auto defining = definition_of(poll, number);
    const auto definition = co_await std::move(defining);
    if (!definition) co_return definition.error();
    ports::ballot_page page;
    page.definition = *definition;
    const auto form = form_of(*definition);
    const auto most = std::min(limit, most_ballots);
    const std::uint64_t indexes = std::max<std::uint64_t>(chunk_bytes / form.bytes, 1);
    for (auto first = (after.value + 1) / poll->slices;; first += indexes) {
        std::vector<std::string> chunks;
        bool any = false;
        for (std::uint16_t slice = 0; slice < poll->slices; ++slice) {
            const auto keys = keys_of(id, poll->slices, slice, number);
            command part{"GETRANGE", keys.sheet};
            part.add(first * form.bytes).add((first + indexes) * form.bytes - 1);
            auto work = redis_.call(keys.at, {std::move(part)}, patience);
            auto answers = co_await std::move(work);
            if (!answers) co_return failure_of(answers.error());
            if (answers->front().is_error()) co_return store_unavailable();
            any = any || !answers->front().text.empty();
            chunks.push_back(std::move(answers->front().text));
        }
        if (!any) co_return page;
        for (std::uint64_t i = 0; i < indexes; ++i)
            for (std::uint16_t slice = 0; slice < poll->slices; ++slice) {
                const auto at = i * form.bytes;
                if (at >= chunks[slice].size()) continue;
                const auto voter = voter_at(first + i, poll->slices, slice);
                auto kept = ballot_in(form, std::string_view(chunks[slice]).substr(at, form.bytes));
                if (!kept || voter <= after) continue;
                page.more = page.ballots.size() == most;
                if (page.more) co_return page;
                kept->voter = voter;
                page.ballots.push_back(*kept);
            }
    }
}

}  // namespace tallycast::redis
