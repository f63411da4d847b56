#include "link.hpp"

#include "spawn.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace tallycast::redis {

namespace asio = boost::asio;

namespace {

constexpr std::size_t read_size = 64 * 1024;
constexpr int looks_an_answer_time = 8;

base::mono_time now() { return std::chrono::steady_clock::now(); }

}  // namespace

link::link(asio::any_io_executor executor, endpoint to, std::unique_ptr<transport> stream,
           std::chrono::milliseconds answer_time)
    : executor_(executor),
      peer_(std::move(to)),
      stream_(std::move(stream)),
      answer_time_(answer_time),
      heard_at_(now()),
      wakes_writer_(executor),
      ended_(std::move(executor)) {}

void link::start() {
    spawn(executor_, read(shared_from_this()));
    spawn(executor_, write(shared_from_this()));
    spawn(executor_, watch(shared_from_this()));
}

std::shared_ptr<exchange> link::send(std::string bytes, std::size_t expected) {
    auto made = std::make_shared<exchange>(executor_, std::move(bytes), expected);
    if (!takes_more()) {
        made->is = exchange::fate::not_sent;
        return made;
    }
    queued_.push_back(made);
    wakes_writer_.ring();
    return made;
}

asio::awaitable<void> link::settle(std::shared_ptr<link> self, std::shared_ptr<exchange> what,
                                   base::mono_time until) {
    while (what->under_way() && now() < until) co_await what->settled.wait(until);
    if (what->is != exchange::fate::queued) co_return;
    what->is = exchange::fate::not_sent;
    std::erase(self->queued_, what);
}

void link::close(std::string why) {
    if (std::exchange(closed_, true)) return;
    why_ = std::move(why);
    stream_->close();
    const auto end_all = [](auto& exchanges, exchange::fate how) {
        for (auto& one : std::exchange(exchanges, {})) {
            one->is = how;
            one->settled.ring();
        }
    };
    takes_push_ = nullptr;
    end_all(sent_, exchange::fate::lost);
    end_all(queued_, exchange::fate::not_sent);
    wakes_writer_.ring();
    ended_.ring();
}

void link::retire() {
    retired_ = true;
    if (sent_.empty() && queued_.empty()) close("retired");
}

asio::awaitable<void> link::read(std::shared_ptr<link> self) {
    std::vector<char> buffer(read_size);
    while (!self->closed_) {
        boost::system::error_code ec;
        const auto size = co_await self->stream_->read_some(buffer, ec);
        if (ec) {
            self->close(ec == asio::error::eof ? "closed by the server" : ec.message());
            co_return;
        }
        self->heard_at_ = now();
        self->reader_.feed({buffer.data(), size});
        self->take_replies();
    }
}

void link::take_replies() {
    while (!closed_) {
        auto one = reader_.next();
        if (reader_.failed()) close("not the language of Redis: " + reader_.why());
        if (!one) return;
        take(std::move(*one));
    }
}

void link::take(reply one) {
    if (takes_push_ && takes_push_(one)) return;
    if (sent_.empty()) {
        close("a reply nobody asked for" + (one.is_error() ? ": " + one.text : ""));
        return;
    }
    auto& first = *sent_.front();
    first.got.push_back(std::move(one));
    if (first.got.size() < first.expected) return;
    first.is = exchange::fate::answered;
    first.settled.ring();
    sent_.pop_front();
    if (retired_ && sent_.empty() && queued_.empty()) close("retired");
}

std::string link::all_that_is_queued() {
    std::string bytes;
    for (auto& one : queued_) {
        bytes += one->bytes;
        one->bytes = {};
        one->is = exchange::fate::sent;
        one->sent_at = now();
        sent_.push_back(std::move(one));
    }
    queued_.clear();
    return bytes;
}

asio::awaitable<void> link::write(std::shared_ptr<link> self) {
    while (!self->closed_) {
        if (self->queued_.empty()) {
            co_await self->wakes_writer_.wait(base::mono_time::max());
            continue;
        }
        const std::string bytes = self->all_that_is_queued();
        boost::system::error_code ec;
        co_await self->stream_->write(bytes, ec);
        if (ec) self->close(ec.message());
    }
}

asio::awaitable<void> link::watch(std::shared_ptr<link> self) {
    while (!self->closed_) {
        const auto look_again = now() + self->answer_time_ / looks_an_answer_time;
        co_await self->ended_.wait(look_again);
        if (self->closed_ || self->sent_.empty()) continue;
        const auto since = std::max(self->heard_at_, self->sent_.front()->sent_at);
        if (now() - since >= self->answer_time_) self->close("no answer in time");
    }
}

}  // namespace tallycast::redis
