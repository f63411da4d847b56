#include <tallycast/net/live_session.hpp>

#include <tallycast/app/see_event.hpp>
#include <tallycast/net/broadcast.hpp>
#include <tallycast/wire/host_json.hpp>
#include <tallycast/wire/live_message.hpp>

#include <boost/asio/buffer.hpp>

#include <algorithm>
#include <chrono>

namespace tallycast::net {

namespace asio = boost::asio;

namespace {

// Past it a session lets too much wait. One message alone may be larger: a welcome of many polls.
constexpr std::size_t own_limit = 256 * 1024;
constexpr std::chrono::seconds goodbye_time{5};  // for the other side to close too

}  // namespace

live_session::live_session(io_core& core, client_stream stream, base::event_id event,
                           app::caller who)
    : core_(core),
      stream_(std::move(stream)),
      event_(std::move(event)),
      subscriber_(core.live.add(*this)),
      last_written_(core.app.clock.mono()) {
    core_.live_connections.push_back(*this);
    core_.count_connection(1);
    become_caller(std::move(who));
}

live_session::~live_session() {
    become_caller(app::anyone{});
    core_.live.stop_watching_all(event_, *this);
    core_.live.remove(subscriber_);
    core_.count_connection(-1);
}

void live_session::expire() {
    core_.app.meter.add(ports::count::deadlines_missed);
    if (!closing_) core_.app.meter.add(ports::count::slow_readers);
    // Reset: what such a reader has not taken would wait in the kernel for minutes.
    stream_.reset();
    no_deadline();
}

void live_session::close_socket() {
    no_deadline();
    stream_.close();
}

void live_session::close_when_written() {
    closing_ = true;
    pump();
}

void live_session::send_own(std::string_view bytes) {
    if (!waiting_.empty() && waiting_.size() + bytes.size() > own_limit) {
        core_.app.meter.add(ports::count::slow_readers);
        close_socket();
        return;
    }
    waiting_ += bytes;
    pump();
}

void live_session::pump() {
    while (!blocked_ && stream_.is_open()) {
        if (writing_.empty() && !next_message()) return;
        boost::system::error_code ec;
        const auto wrote = stream_.write_some(writing_, ec);
        writing_.remove_prefix(wrote);
        if (writing_.empty()) note_written();
        if (ec == asio::error::would_block) {
            wait_until_writable();
        } else if (ec) {
            close_socket();
        }
    }
}

// What was there before somebody subscribed did not wait for them.
void live_session::note_written() {
    const bool waited = shared_ && shared_->kind == app::broadcast_kind::results &&
                        shared_->came_at >= subscribed_at_;
    if (!waited) return;
    const std::chrono::duration<double> took = core_.app.clock.mono() - shared_->came_at;
    core_.app.meter.observe(ports::timing::results_written, took.count());
}

// Chooses what is written next; false when there is nothing.
bool live_session::next_message() {
    own_.clear();
    shared_.reset();
    if (!waiting_.empty()) {
        own_.swap(waiting_);
        writing_ = own_;
    } else if (closing_) {
        stream_.shutdown_send();
        set_deadline(core_.app.clock.mono() + goodbye_time);
        blocked_ = true;  // for good: nothing is written any more
        return false;
    } else {
        do shared_ = core_.live.hub.take(subscriber_, core_.app.clock.mono());
        while (shared_ && (known_already(*shared_) || !may_see(*shared_)));
        if (!shared_) {
            own_.shrink_to_fit();
            no_deadline();
            return false;
        }
        writing_ = bytes_of(*shared_);
    }
    last_written_ = core_.app.clock.mono();
    core_.app.meter.add(ports::count::messages_sent);
    set_deadline(last_written_ + core_.settings.write_timeout);
    return true;
}

void live_session::wait_until_writable() {
    blocked_ = true;
    stream_.wait_writable([self = shared_from_this()](const boost::system::error_code& ec) {
        self->blocked_ = false;
        if (!ec) self->pump();
    });
}

bool live_session::known_already(const app::broadcast& message) const {
    if (message.kind != app::broadcast_kind::poll) return false;
    const auto at =
        std::ranges::find(told_, message.poll, [](const auto& entry) { return entry.first; });
    return at != told_.end() && message.version <= at->second;
}

// The hub knows who has voted, but not that a reset has begun a round in which nobody has.
bool live_session::may_see(const app::broadcast& message) const {
    const bool depends = message.kind == app::broadcast_kind::results &&
                         message.rule == domain::visibility::after_vote;
    if (!depends || sees_as_host() ||
        domain::visible(message.rule, message.status, domain::viewer::other))
        return true;
    const auto poll = core_.app.catalog.poll(message.poll);
    return poll && voted_in(poll->id, poll->round);
}

bool live_session::voted_in(const base::poll_id& poll, std::uint32_t round) const {
    return std::ranges::find(voted_, std::pair{poll, round}) != voted_.end();
}

void live_session::become_caller(app::caller who) {
    if (const auto* voter = std::get_if<app::voter_caller>(&who_))
        core_.live.forget_voter(*voter, *this);
    who_ = std::move(who);
    voted_.clear();
    if (const auto* voter = std::get_if<app::voter_caller>(&who_))
        core_.live.know_voter(*voter, *this);
}

void live_session::hear(const app::voter_news& news) {
    const auto* voter = std::get_if<app::voter_caller>(&who_);
    if (voter == nullptr || voter->event != news.event || voter->number != news.voter) return;
    if (news.has_ballot) {
        has_voted(news.poll, news.round);
    } else {
        std::erase(voted_, std::pair{news.poll, news.round});
        core_.live.hub.set_viewer(subscriber_, news.poll, domain::viewer::other);
    }
    pump();
}

void live_session::has_voted(const base::poll_id& poll, std::uint32_t round) {
    if (sees_as_host()) return;
    std::erase_if(voted_, [&](const auto& entry) { return entry.first == poll; });
    voted_.emplace_back(poll, round);
    core_.live.hub.set_viewer(subscriber_, poll, domain::viewer::voted);
}

std::optional<std::string> live_session::welcome_text() {
    const auto event = core_.app.catalog.event(event_);
    if (!event) return std::nullopt;
    const auto polls = visible_polls();
    std::vector<std::string> texts;
    texts.reserve(polls.size());
    told_.clear();
    for (const auto& poll : polls) {
        texts.push_back(wire::write_poll(*poll));
        told_.emplace_back(poll->id, poll->revision);
    }
    std::optional<base::voter_number> number;
    if (const auto* voter = std::get_if<app::voter_caller>(&who_)) number = voter->number;
    return wire::write_welcome(*event, texts, number, core_.app.clock.wall());
}

bool live_session::sees_as_host() const {
    const auto event = core_.app.catalog.event(event_);
    return event && app::sees_as_host(who_, *event);
}

std::vector<app::poll_ptr> live_session::visible_polls() const {
    return sees_as_host() ? core_.app.catalog.polls_of(event_) : app::open_polls(core_.app, event_);
}

// A vote that was accepted while the store was asked is known here only.
asio::awaitable<domain::viewer> live_session::viewer_of(app::poll_ptr poll) {
    const auto viewer = co_await app::viewer_of(core_.app, who_, poll);
    const bool voted = viewer == domain::viewer::other && voted_in(poll->id, poll->round);
    co_return voted ? domain::viewer::voted : viewer;
}

asio::awaitable<app::subscribe_answer> live_session::subscribe(app::poll_ptr poll, double max_hz) {
    const auto viewer = co_await viewer_of(poll);
    const auto answer = subscribe_as(poll->id, {viewer, max_hz});
    if (viewer == domain::viewer::voted) has_voted(poll->id, poll->round);
    co_return answer;
}

app::subscribe_answer live_session::subscribe_as(const base::poll_id& poll,
                                                 const app::subscription_options& options) {
    subscribed_at_ = core_.app.clock.mono();
    const auto answer = core_.live.hub.subscribe(subscriber_, poll, options);
    if (answer == app::subscribe_answer::added) subscribed_.push_back(poll);
    return answer;
}

void live_session::unsubscribe(const base::poll_id& poll) {
    core_.live.hub.unsubscribe(subscriber_, poll);
    std::erase(subscribed_, poll);
}

void live_session::meet(const app::poll_ptr& poll) {
    if (std::ranges::find(subscribed_, poll->id) != subscribed_.end()) return;
    const bool host = sees_as_host();
    if (poll->status == domain::poll_status::draft && !host) return;
    subscribe_as(poll->id, {host ? domain::viewer::host : domain::viewer::other, all_max_hz_});
}

void live_session::lose(const app::broadcast& last_word) {
    const auto is_its = [&](const auto& entry) { return entry.first == last_word.poll; };
    std::erase_if(told_, is_its);
    std::erase_if(voted_, is_its);
    const bool subscribed = std::erase(subscribed_, last_word.poll) > 0;
    if (subscribed && !closing_) send_own(bytes_of(last_word));
}

void live_session::announce(const app::broadcast& notice) {
    if (!closing_) send_own(bytes_of(notice));
}

void live_session::announce_standing_notice() {
    const auto text = core_.app.flags.notice();
    if (!text.empty()) announce(notice_of(text));
}

app::caller watching_caller(io_core& core, std::string_view credential,
                            const base::event_id& event) {
    const auto who = app::identify(core.app, credential);
    if (!who) return app::anyone{};
    const auto* voter = std::get_if<app::voter_caller>(&*who);
    if (voter != nullptr && voter->event != event) return app::anyone{};
    return *who;
}

}  // namespace tallycast::net
