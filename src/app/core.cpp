#include <tallycast/app/core.hpp>

namespace tallycast::app {

boost::asio::awaitable<void> settle_own_refusals(core& on) {
    auto waiting = on.refusals.take();
    for (auto& [poll, refused] : waiting) {
        const auto noted = co_await on.votes.note_refused(poll, refused);
        if (!noted && on.log.enabled(ports::severity::debug))
            on.log.write(ports::severity::debug, "refusals not written to the ledger",
                         {{"poll", poll.str()}});
    }
}

}  // namespace tallycast::app
