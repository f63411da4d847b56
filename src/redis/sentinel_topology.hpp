#pragma once
// One primary, as a majority of the Sentinels names it. They are asked about once a second, and at
// once when one of them announces another. One thread.

#include "asker.hpp"
#include "channel_link.hpp"
#include "topology.hpp"

#include <memory>
#include <vector>

namespace tallycast::redis {

class sentinel_topology final : public topology {
public:
    sentinel_topology(const deployment& where, dialling how, ports::log& log,
                      std::function<void()> changed);

    void stop() override;

private:
    boost::asio::awaitable<void> look(base::mono_time asked) override;
    void begin() override;
    void conclude(const asker::answers& got, base::mono_time asked);

    std::vector<endpoint> sentinels_;
    std::string primary_name_;
    std::shared_ptr<asker> asker_;
    dialling to_sentinels_;
    std::vector<std::shared_ptr<channel_link>> announcements_;
};

}  // namespace tallycast::redis
