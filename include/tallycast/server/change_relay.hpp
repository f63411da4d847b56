#pragma once
// Carries the store's changes to every core: its catalog learns of them, its subscribers hear of
// them. What is shown is encoded once, here, and shared by all cores. on_change runs on the store's
// thread.

#include <tallycast/net/io_core.hpp>
#include <tallycast/ports/change_feed.hpp>

#include <functional>
#include <mutex>
#include <vector>

namespace tallycast::server {

class change_relay final : public ports::change_listener {
public:
    // Whether it changed just now, or is told as it was found at the start. On the store's thread.
    using flag_hook = std::function<void(const domain::flag&, bool just_now)>;

    // Changes told before this are kept and told now. Called once. The operations core hears of
    // flags alone.
    void attach(std::vector<net::io_core*> cores, net::io_core& operations, flag_hook on_flag);

    void on_change(const ports::change& what) override;

private:
    void tell(const ports::change& what, bool just_now);

    std::mutex mutex_;  // for the moment of attach(); afterwards nobody contends
    bool attached_ = false;
    std::vector<ports::change> early_;
    std::vector<net::io_core*> cores_;
    net::io_core* operations_ = nullptr;
    flag_hook on_flag_;
};

}  // namespace tallycast::server
