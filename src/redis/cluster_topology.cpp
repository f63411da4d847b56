#include "cluster_topology.hpp"

#include <algorithm>
#include <utility>

namespace tallycast::redis {

namespace asio = boost::asio;

namespace {

constexpr std::size_t most_servers = 1024;

pipeline question() {
    pipeline asked;
    asked.push_back(command{"CLUSTER", "SLOTS"});
    asked.push_back(command{"CLUSTER", "NODES"});
    return asked;
}

}  // namespace

cluster_topology::cluster_topology(const deployment& where, dialling how, ports::log& log,
                                   std::function<void()> changed)
    : topology(how, log, std::move(changed), fence(how.options.fence_after)),
      asker_(std::make_shared<asker>(how)),
      ever_seen_(where.at.begin(), where.at.end()) {}

void cluster_topology::stop() {
    topology::stop();
    asker_->stop();
}

asio::awaitable<void> cluster_topology::look(base::mono_time asked) {
    std::vector<endpoint> whom(ever_seen_.begin(), ever_seen_.end());
    if (settled_) whom = map().primaries();
    auto asking = asker::ask(asker_, whom, question(), asked + how_.options.connect_time);
    const auto got = co_await std::move(asking);
    if (!stopped_) conclude(whom, got, asked);
}

void cluster_topology::conclude(const std::vector<endpoint>& whom, const asker::answers& got,
                                base::mono_time asked) {
    std::vector<cluster_view> views;
    std::vector<endpoint> answered;
    std::string why = asker_->trouble();
    for (std::size_t i = 0; i < got.size(); ++i) {
        if (!got[i]) continue;
        auto view = read_cluster_view((*got[i])[0], (*got[i])[1], whom[i]);
        if (!view) {
            why = to_text(whom[i]) + ": " + (*got[i])[0].text;
            continue;
        }
        views.push_back(std::move(*view));
        answered.push_back(whom[i]);
    }
    const bool more_to_ask = remember_all_of(views);
    auto map_now = merged(views, map());
    // Who decides about a primary are the primaries, and of them more than half.
    const auto owners = map_now.primaries();
    const auto heard = std::count_if(owners.begin(), owners.end(), [&](const endpoint& owner) {
        return std::find(answered.begin(), answered.end(), owner) != answered.end();
    });
    guard_.heard(static_cast<std::size_t>(heard), owners.size(), asked);
    settled_ = static_cast<std::size_t>(heard) >= majority_of(owners.size());
    if (settled_) adopt(std::move(map_now));
    if (!settled_ && more_to_ask) return look_again();  // so far only some were asked
    complain(settled_ ? "" : "no majority of the cluster's primaries: " + why);
}

bool cluster_topology::remember_all_of(const std::vector<cluster_view>& views) {
    const auto before = ever_seen_.size();
    for (const auto& view : views) {
        for (const auto& shard : view.shards) {
            ever_seen_.insert(shard.primary);
            ever_seen_.insert(shard.replicas.begin(), shard.replicas.end());
        }
    }
    const bool more = ever_seen_.size() > before;
    while (ever_seen_.size() > most_servers) ever_seen_.erase(ever_seen_.begin());
    return more;
}

}  // namespace tallycast::redis
