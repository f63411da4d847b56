#include "channel_link.hpp"

#include "back_off.hpp"
#include "push.hpp"
#include "spawn.hpp"

#include <random>
#include <utility>

namespace tallycast::redis {

namespace asio = boost::asio;

namespace {

base::mono_time now() { return std::chrono::steady_clock::now(); }

double luck() {
    thread_local std::minstd_rand random(std::random_device{}());
    return std::uniform_real_distribution<double>()(random);
}

// One command a channel: in a cluster a command's channels would have to share a slot.
pipeline subscriptions(const listening& what) {
    pipeline all;
    for (const auto& channel : what.channels)
        all.push_back(command{what.sharded ? "SSUBSCRIBE" : "SUBSCRIBE", channel});
    return all;
}

}  // namespace

channel_link::channel_link(listening what, ports::log& log)
    : what_(std::move(what)), log_(log), wake_(what_.how.executor) {}

void channel_link::start() { spawn(what_.how.executor, run(shared_from_this())); }

void channel_link::stop() {
    stopped_ = true;
    if (line_) line_->close("stopped");
    wake_.ring();
}

void channel_link::failed(const std::string& why) {
    if (!stopped_ && trouble_ != why)
        log_.write(ports::severity::warn, "not listening to Redis", {{"why", why}});
    trouble_ = why;
}

asio::awaitable<void> channel_link::run(std::shared_ptr<channel_link> self) {
    const auto& options = self->what_.how.options;
    back_off attempts(options.first_back_off, options.longest_back_off);
    while (!self->stopped_) {
        auto dialled = co_await dial(self->what_.how, self->what_.at);
        if (dialled) {
            self->line_ = std::move(*dialled);
            const bool listens = co_await subscribe(self);
            if (listens) {
                attempts.reset();
                co_await stay(self);
                self->listens_ = false;
                self->failed(to_text(self->what_.at) + ": " + self->line_->why());
            }
            self->line_->close("given up");
        } else {
            self->failed(dialled.error().detail);
        }
        if (self->stopped_) co_return;
        self->what_.on_refusal({});
        const auto again = now() + attempts.next(luck());
        co_await self->wake_.wait(again);
    }
}

bool channel_link::take(const reply& one) {
    const auto pushed = read_push(one);
    if (!pushed || stopped_) return pushed.has_value();
    if (pushed->what == push::kind::message) what_.on_message(pushed->channel, pushed->payload);
    else line_->close("a channel moved");
    return true;
}

asio::awaitable<bool> channel_link::subscribe(std::shared_ptr<channel_link> self) {
    if (self->stopped_) co_return false;
    const auto line = self->line_;
    line->on_push([weak = std::weak_ptr(self)](const reply& one) {
        const auto me = weak.lock();
        return me && me->take(one);
    });
    const auto until = now() + self->what_.how.options.connect_time;
    const auto got = co_await talk(line, subscriptions(self->what_), until);
    if (self->stopped_) co_return false;
    if (!got) {
        self->failed(to_text(self->what_.at) + ": " + got.error().detail);
        co_return false;
    }
    for (const auto& one : *got) {
        if (!one.is_error()) continue;
        self->failed(to_text(self->what_.at) + ": " + one.text);
        if (is_refusal(one.text)) self->refusal_ = refused(self->what_.at, one.text).detail;
        self->what_.on_refusal(judge({one}, self->what_.at));
        co_return false;
    }
    self->trouble_.clear();
    self->refusal_.clear();
    self->listens_ = true;
    self->what_.on_subscribed();
    co_return true;
}

asio::awaitable<void> channel_link::stay(std::shared_ptr<channel_link> self) {
    const auto line = self->line_;
    const auto& options = self->what_.how.options;
    while (line->open()) {
        co_await line->ended().wait(now() + options.watch_every);
        if (!line->open()) co_return;
        pipeline ping;
        ping.push_back(command{"PING"});
        const auto got = co_await talk(line, std::move(ping), now() + options.connect_time);
        if (!got) line->close(got.error().detail);
    }
}

}  // namespace tallycast::redis
