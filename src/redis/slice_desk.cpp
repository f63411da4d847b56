#include "slice_desk.hpp"

#include "sheet_form.hpp"
#include "side_by_side.hpp"

#include <tallycast/domain/lifecycle.hpp>

#include <algorithm>

namespace tallycast::redis {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::milliseconds patience{2500};  // for one slice, retries included
constexpr base::milliseconds try_again{500};

std::string ms(const std::optional<base::wall_time>& at) {
    return at ? std::to_string(at->time_since_epoch().count()) : "-1";
}

std::string_view letter(domain::poll_status status) {
    switch (status) {
        case domain::poll_status::draft: return "d";
        case domain::poll_status::open: return "o";
        case domain::poll_status::paused: return "p";
        case domain::poll_status::closed: return "c";
        case domain::poll_status::archived: return "a";
    }
    return "c";
}

}  // namespace

base::failure store_unavailable() {
    base::failure f{base::errc::store_unavailable, "The store does not answer at the moment."};
    f.retry_after = try_again;
    return f;
}

base::failure failure_of(const call_failure& f) {
    if (f.code == call_error::stopped) return {base::errc::shutting_down, "The store is stopped."};
    if (f.code == call_error::overloaded) {
        base::failure full{base::errc::overloaded, "Too much is waiting for the store."};
        full.retry_after = try_again;
        return full;
    }
    return store_unavailable();
}

namespace {

struct slice_round {
    std::vector<slice_reply> got;
    std::optional<base::failure> failed;
};

asio::awaitable<void> into(std::shared_ptr<slice_round> all,
                           asio::awaitable<base::result<slice_reply>> asked, std::uint16_t slice) {
    auto one = co_await std::move(asked);
    if (one) all->got[slice] = std::move(*one);
    else all->failed = one.error();
}

}  // namespace

asio::awaitable<base::result<slice_desk::slice_replies>> slice_desk::at_each(
    std::shared_ptr<const domain::poll> poll, std::uint32_t round, make_call make, copies wanted) {
    const auto all = std::make_shared<slice_round>();
    all->got.resize(poll->slices);
    std::vector<asio::awaitable<void>> asking;
    for (std::uint16_t slice = 0; slice < poll->slices; ++slice)
        asking.push_back(into(all, at_one(poll, round, slice, make, wanted), slice));
    auto work = side_by_side(executor_, std::move(asking));
    co_await std::move(work);
    if (all->failed) co_return *all->failed;
    co_return std::move(all->got);
}

asio::awaitable<base::result<slice_reply>> slice_desk::at_one(
    std::shared_ptr<const domain::poll> poll, std::uint32_t round, std::uint16_t slice,
    make_call make, copies wanted) {
    const auto keys = keys_of(poll->id, poll->slices, slice, round);
    auto work = redis_.write(keys.at, make(keys, slice), patience, wanted);
    const auto done = co_await std::move(work);
    if (!done) co_return failure_of(done.error());
    auto slice_said = slice_reply_in(done->got.front());
    if (!slice_said || !done->kept) co_return store_unavailable();
    co_return std::move(*slice_said);
}

slice_desk::make_call slice_desk::state_call(const kept_poll& kept, std::string_view mode) {
    return [kept, mode](const slice_keys& keys, std::uint16_t slice) {
        const auto& p = *kept.poll;
        const auto form = form_of(p.definition);
        const auto before =
            p.round == 1 ? keys.counts : keys_of(p.id, p.slices, slice, p.round - 1).counts;
        command place{"FCALL", "tallycast1_place", "5"};
        place.add(keys.meta).add(keys.counts).add(keys.sheet).add(keys.log).add(before);
        place.add(mode).add(p.revision).add(letter(p.status)).add(p.round);
        place.add(kept.ballot_revision).add(ms(p.definition.opens_at)).add(ms(domain::deadline(p)));
        place.add(ms(p.closed_at)).add(std::string_view(&form.type, 1)).add(form.bits);
        place.add(form.bytes).add(form.change ? "1" : "0").add(form.ranks);
        place.add(p.id.str() + ' ' + std::to_string(slice));
        return pipeline{std::move(place)};
    };
}

asio::awaitable<base::result<slice_desk::slice_replies>> slice_desk::place(kept_poll poll) {
    return at_each(poll.poll, poll.poll->round, state_call(poll, "place"), kept_by_);
}

asio::awaitable<base::result<slice_reply>> slice_desk::place(kept_poll poll, std::uint16_t slice) {
    return at_one(poll.poll, poll.poll->round, slice, state_call(poll, "place"), kept_by_);
}

asio::awaitable<base::result<slice_desk::slice_replies>> slice_desk::hold(kept_poll poll) {
    return at_each(poll.poll, poll.poll->round, state_call(poll, "hold"), kept_by_);
}

asio::awaitable<base::result<slice_desk::slice_replies>> slice_desk::release(kept_poll poll) {
    return at_each(poll.poll, poll.poll->round, state_call(poll, "release"), kept_by_);
}

asio::awaitable<base::result<slice_desk::slice_replies>> slice_desk::read(
    std::shared_ptr<const domain::poll> poll, std::uint32_t round) {
    return at_each(std::move(poll), round, [](const slice_keys& keys, std::uint16_t) {
        return pipeline{command{"FCALL", "tallycast1_read", "2"}.add(keys.meta).add(keys.counts)};
    });
}

asio::awaitable<base::result<slice_reply>> slice_desk::flush(
    std::shared_ptr<const domain::poll> poll, std::uint16_t slice) {
    const auto round = poll->round;
    return at_one(std::move(poll), round, slice, [](const slice_keys& keys, std::uint16_t) {
        return pipeline{command{"FCALL", "tallycast1_flush", "2"}.add(keys.meta).add(keys.counts)};
    });
}

asio::awaitable<base::result<slice_reply>> slice_desk::raise(
    std::shared_ptr<const domain::poll> poll, std::uint16_t slice, std::uint64_t version) {
    const auto round = poll->round;
    return at_one(std::move(poll), round, slice, [version](const slice_keys& keys, std::uint16_t) {
        command raise{"FCALL", "tallycast1_raise", "2"};
        return pipeline{raise.add(keys.meta).add(keys.counts).add(version)};
    });
}

asio::awaitable<base::result<void>> slice_desk::remove(std::shared_ptr<const domain::poll> poll) {
    for (std::uint16_t slice = 0; slice < poll->slices; ++slice) {
        command unlink{"UNLINK"};
        slot at = 0;
        for (std::uint32_t round = 1; round <= poll->round; ++round) {
            const auto keys = keys_of(poll->id, poll->slices, slice, round);
            at = keys.at;
            if (round == 1) unlink.add(keys.meta);
            unlink.add(keys.counts).add(keys.sheet).add(keys.log);
        }
        auto work = redis_.call(at, {std::move(unlink)}, patience);
        const auto answer = co_await std::move(work);
        if (!answer) co_return failure_of(answer.error());
        if (answer->front().is_error()) co_return store_unavailable();
    }
    co_return base::result<void>();
}

}  // namespace tallycast::redis
