#pragma once
// The primaries of a cluster and their slots, as they themselves tell: all of them are asked about
// once a second, and at once when somebody was redirected. One thread.

#include "asker.hpp"
#include "topology.hpp"

#include <memory>
#include <set>
#include <vector>

namespace tallycast::redis {

class cluster_topology final : public topology {
public:
    cluster_topology(const deployment& where, dialling how, ports::log& log,
                     std::function<void()> changed);

    void stop() override;

private:
    boost::asio::awaitable<void> look(base::mono_time asked) override;
    void conclude(const std::vector<endpoint>& whom, const asker::answers& got,
                  base::mono_time asked);
    // Whether there was one not known before.
    bool remember_all_of(const std::vector<cluster_view>& views);

    std::shared_ptr<asker> asker_;
    std::set<endpoint> ever_seen_;  // asked when the primaries alone make no majority
    bool settled_ = false;
};

}  // namespace tallycast::redis
