#pragma once
// Carries the store's changes to every core: its catalog learns of them, its subscribers hear of
// them. What is shown is encoded once, here, and shared by all cores. on_change runs on the store's
// thread.

#include <tallycast/net/io_core.hpp>
#include <tallycast/ports/change_feed.hpp>

#include <mutex>
#include <vector>

namespace tallycast::server {

class change_relay final : public ports::change_listener {
public:
    // Changes told before this are kept and told now. Called once.
    void attach(std::vector<net::io_core*> cores);

    void on_change(const ports::change& what) override;

private:
    void tell(const ports::change& what);

    std::mutex mutex_;  // for the moment of attach(); afterwards nobody contends
    bool attached_ = false;
    std::vector<ports::change> early_;
    std::vector<net::io_core*> cores_;
};

}  // namespace tallycast::server
