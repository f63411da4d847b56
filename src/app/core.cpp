#include <tallycast/app/core.hpp>

namespace tallycast::app {

boost::asio::awaitable<bool> settle_own_refusals(core& on) {
    bool all = true;
    auto waiting = on.refusals.take();
    for (auto& [poll, refused] : waiting) {
        const auto noted = co_await on.votes.note_refused(poll, refused);
        if (noted) continue;
        all = false;
        on.refusals.put_back(poll, refused);
        if (on.log.enabled(ports::severity::debug))
            on.log.write(ports::severity::debug, "refusals not written to the ledger yet",
                         {{"poll", poll.str()}});
    }
    co_return all;
}

}  // namespace tallycast::app
