#include "node.hpp"

#include "spawn.hpp"

#include <algorithm>
#include <utility>

namespace tallycast::redis {

namespace asio = boost::asio;

namespace {

base::mono_time now() { return std::chrono::steady_clock::now(); }

base::failure unfit(const endpoint& at, const std::string& why) {
    return {base::errc::store_unavailable, to_text(at) + ": " + why};
}

pipeline who_are_you(bool replica_of_cluster) {
    pipeline asked;
    if (replica_of_cluster) asked.push_back(command{"READONLY"});
    asked.push_back(command{"ROLE"});
    asked.push_back(command{"INFO", "replication"});
    return asked;
}

}  // namespace

node::node(std::shared_ptr<const surroundings> around, endpoint at, server_role as)
    : around_(std::move(around)), at_(std::move(at)), as_(as), wake_(around_->how.executor) {}

void node::start() { spawn(around_->how.executor, run(shared_from_this())); }

void node::drop(const std::string& why) {
    wanted_ = false;
    reconnect(why);
}

void node::reconnect(const std::string& why) {
    set_ready(nullptr);
    if (const auto line = line_) line->close(why);
    wake_.ring();
}

void node::retire() {
    wanted_ = false;
    renew();
}

void node::renew() {
    const auto line = ready_;
    if (!line) return reconnect("not needed any more");
    set_ready(nullptr);
    line->retire();
    wake_.ring();
}

void node::set_ready(std::shared_ptr<link> link_or_none) {
    if (ready_ == link_or_none) return;
    ready_ = std::move(link_or_none);
    around_->changed();
}

void node::failed(const base::failure& why) {
    if (trouble_ != why.detail) {
        const bool hopeless = why.code == base::errc::unauthorised;
        around_->log.write(hopeless ? ports::severity::error : ports::severity::warn,
                           "no link to Redis", {{"why", why.detail}});
    }
    trouble_ = why.detail;
    refused_ = why.code == base::errc::unauthorised;
}

asio::awaitable<void> node::run(std::shared_ptr<node> self) {
    const auto& options = self->around_->how.options;
    back_off attempts(options.first_back_off, options.longest_back_off);
    while (self->wanted_) {
        if (!self->around_->may_connect()) {
            co_await self->wake_.wait(now() + options.first_back_off);
            continue;
        }
        const bool good = co_await open(self);
        if (good) {
            attempts.reset();
            co_await stay(self);
            self->trouble_ = to_text(self->at_) + ": " + self->line_->why();
        }
        if (self->line_) self->line_->close("given up");
        self->set_ready(nullptr);
        if (!self->wanted_) co_return;
        self->around_->lost();
        const auto again = now() + attempts.next(self->around_->luck());
        co_await self->wake_.wait(again);
    }
}

asio::awaitable<bool> node::open(std::shared_ptr<node> self) {
    auto dialled = co_await dial(self->around_->how, self->at_);
    if (!dialled) {
        self->failed(dialled.error());
        co_return false;
    }
    self->line_ = std::move(*dialled);
    const auto past = co_await identify(self);
    if (!past) {
        self->failed(past.error());
        co_return false;
    }
    self->past_ = *past;
    self->line_->replid = past->replid;
    self->who_ = {to_text(self->at_), past->replid, past->replid2, past->second_offset,
                  self->around_->ranges_of(self->at_)};
    if (self->as_ == server_role::primary) {
        const bool welcome = co_await greet(self);
        if (!welcome) {
            self->failed(unfit(self->at_, "not taken into use yet"));
            co_return false;
        }
    }
    if (!self->wanted_ || !self->line_->open() || !self->around_->may_connect()) co_return false;
    self->trouble_.clear();
    self->refused_ = false;
    self->around_->meter.add(ports::count::store_links);
    self->around_->log.write(ports::severity::info, "linked to Redis",
                             {{"server", self->who_.address}});
    self->set_ready(self->line_);
    co_return true;
}

asio::awaitable<base::result<history>> node::identify(std::shared_ptr<node> self) {
    const bool read_only = self->around_->cluster && self->as_ == server_role::replica;
    const auto line = self->line_;
    // One that is in use is asked behind others, whose WAITs may take their time; when it falls
    // silent it ends by itself.
    const auto& options = self->around_->how.options;
    const bool in_use = self->ready_ == line;
    const auto until =
        now() + (in_use ? options.greet_time : std::max(options.connect_time, options.answer_time));
    const auto got = co_await talk(line, who_are_you(read_only), until);
    if (!got) co_return unfit(self->at_, got.error().detail);
    for (const auto& one : *got) {
        if (!one.is_error()) continue;
        co_return is_refusal(one.text) ? redis::refused(self->at_, one.text)
                                       : unfit(self->at_, one.text);
    }
    const auto role = read_role((*got)[got->size() - 2]);
    if (role != self->as_) {
        co_return unfit(self->at_,
                        self->as_ == server_role::primary ? "is no primary" : "is no replica");
    }
    line->followers.heard((*got)[got->size() - 2]);
    auto past = read_history(got->back());
    if (!past) co_return unfit(self->at_, "INFO replication says nothing of its history");
    co_return std::move(*past);
}

asio::awaitable<bool> node::greet(std::shared_ptr<node> self) {
    const auto& around = *self->around_;
    if (!around.first_words) co_return true;
    say_function say = [line = self->line_, around_node = self->around_](pipeline what) {
        return talk_with_library(line, std::move(what), around_node->library,
                                 now() + around_node->how.options.greet_time);
    };
    auto greeting = around.first_words->greet(self->who_, std::move(say));
    const bool welcome = co_await std::move(greeting);
    co_return welcome;
}

// Until the link ends, with a look at the server's history every now and then.
asio::awaitable<void> node::stay(std::shared_ptr<node> self) {
    const auto line = self->line_;
    const auto& options = self->around_->how.options;
    while (line->open()) {
        co_await line->ended().wait(now() + options.watch_every);
        if (!line->takes_more()) continue;  // ended, or on its way out
        const auto past = co_await identify(self);
        if (past && self->as_ == server_role::replica) continue;
        if (past && *past == self->past_) {
            if (self->around_->first_words) self->around_->first_words->still_there(self->who_);
            continue;
        }
        if (line->takes_more()) line->close(past ? "its history is another" : past.error().detail);
    }
}

}  // namespace tallycast::redis
