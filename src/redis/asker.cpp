#include "asker.hpp"

#include "spawn.hpp"

#include <utility>

namespace tallycast::redis {

namespace asio = boost::asio;

// Answers that come after nobody waits any longer land here as well, and are forgotten with it.
struct asker::round {
    round(const asio::any_io_executor& executor, std::vector<endpoint> to, pipeline words,
          base::mono_time end)
        : whom(std::move(to)),
          what(std::move(words)),
          until(end),
          got(whom.size()),
          left(whom.size()),
          ended(executor) {}

    std::vector<endpoint> whom;
    pipeline what;
    base::mono_time until;
    answers got;
    std::size_t left;
    bell ended;
};

asio::awaitable<asker::answers> asker::ask(std::shared_ptr<asker> self, std::vector<endpoint> whom,
                                           pipeline what, base::mono_time until) {
    const auto& executor = self->how_.executor;
    auto asked = std::make_shared<round>(executor, std::move(whom), std::move(what), until);
    for (std::size_t i = 0; i < asked->whom.size(); ++i) spawn(executor, ask_one(self, asked, i));
    while (asked->left > 0 && std::chrono::steady_clock::now() < until)
        co_await asked->ended.wait(until);
    co_return asked->got;
}

asio::awaitable<void> asker::ask_one(std::shared_ptr<asker> self, std::shared_ptr<round> of,
                                     std::size_t number) {
    const auto line = co_await link_to(self, of->whom[number]);
    if (line) {
        auto got = co_await talk(line, of->what, of->until);
        if (got) {
            of->got[number] = std::move(*got);
        } else {
            self->trouble_ = to_text(of->whom[number]) + ": " + got.error().detail;
            line->close("does not answer");
        }
    }
    --of->left;
    of->ended.ring();
}

asio::awaitable<std::shared_ptr<link>> asker::link_to(std::shared_ptr<asker> self, endpoint at) {
    const auto known = self->links_.find(at);
    if (known != self->links_.end() && known->second->takes_more()) co_return known->second;
    auto dialled = co_await dial(self->how_, at);
    if (!dialled) {
        self->trouble_ = dialled.error().detail;
        co_return nullptr;
    }
    if (self->stopped_) {
        (*dialled)->close("stopped");
        co_return nullptr;
    }
    self->links_[at] = *dialled;
    co_return std::move(*dialled);
}

void asker::stop() {
    stopped_ = true;
    for (const auto& [at, line] : std::exchange(links_, {})) line->close("stopped");
}

}  // namespace tallycast::redis
