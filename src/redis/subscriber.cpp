#include "subscriber.hpp"

#include "channel_link.hpp"
#include "slot.hpp"
#include "topology.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace tallycast::redis {

class subscriber_core : public std::enable_shared_from_this<subscriber_core> {
public:
    subscriber_core(boost::asio::any_io_executor executor, deployment where, client_options options,
                    std::vector<std::string> channels, subscriber::message_function on_message,
                    std::function<void()> on_gap, ports::log& log)
        : where_(std::move(where)),
          how_{std::move(executor), std::move(options), where_.login, nullptr},
          channels_(std::move(channels)),
          on_message_(std::move(on_message)),
          on_gap_(std::move(on_gap)),
          log_(log) {}

    void start();
    void stop();
    bool listens() const;
    std::string refusal() const;

private:
    using by_primary = std::map<endpoint, std::vector<std::string>>;

    by_primary wanted() const;
    void follow_topology();
    std::shared_ptr<channel_link> listen(const endpoint& at, std::vector<std::string> channels);
    void look_for(const verdict& refusal);

    deployment where_;
    dialling how_;
    std::vector<std::string> channels_;
    subscriber::message_function on_message_;
    std::function<void()> on_gap_;
    ports::log& log_;
    std::shared_ptr<topology> topology_;
    std::map<endpoint, std::shared_ptr<channel_link>> links_;
    bool stopped_ = false;
};

void subscriber_core::start() {
    if (where_.tls) {
        auto made = make_tls_context(how_.options.ca_file);
        if (!made) {
            log_.write(ports::severity::error, "not listening to Redis",
                       {{"why", made.error().detail}});
            return;
        }
        how_.tls = std::move(*made);
    }
    topology_ = topology::of(where_, how_, log_, [weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->follow_topology();
    });
    topology_->start();
}

void subscriber_core::stop() {
    if (std::exchange(stopped_, true)) return;
    if (topology_) topology_->stop();
    for (const auto& [at, one] : std::exchange(links_, {})) one->stop();
}

bool subscriber_core::listens() const {
    return !links_.empty() &&
           std::ranges::all_of(links_, [](const auto& one) { return one.second->listens(); });
}

std::string subscriber_core::refusal() const {
    for (const auto& [at, one] : links_)
        if (!one->refusal().empty()) return one->refusal();
    return {};
}

subscriber_core::by_primary subscriber_core::wanted() const {
    by_primary found;
    for (const auto& channel : channels_)
        if (const auto* owner = topology_->map().owner_of(slot_of(channel)))
            found[*owner].push_back(channel);
    return found;
}

// A link whose channels are others than before is made anew: moves are rare, and each is a gap
// anyway.
void subscriber_core::follow_topology() {
    if (stopped_) return;
    const auto now = wanted();
    for (auto at = links_.begin(); at != links_.end();) {
        const auto still = now.find(at->first);
        if (still != now.end() && still->second == at->second->channels()) {
            ++at;
            continue;
        }
        at->second->stop();
        at = links_.erase(at);
    }
    for (const auto& [at, channels] : now) {
        auto& one = links_[at];
        if (one) continue;
        one = listen(at, channels);
        one->start();
    }
}

std::shared_ptr<channel_link> subscriber_core::listen(const endpoint& at,
                                                      std::vector<std::string> channels) {
    listening what;
    what.how = how_;
    what.at = at;
    what.channels = std::move(channels);
    what.on_message = [weak = weak_from_this()](std::string_view channel, std::string_view text) {
        const auto self = weak.lock();
        if (self && !self->stopped_) self->on_message_(channel, text);
    };
    what.on_subscribed = [weak = weak_from_this()] {
        const auto self = weak.lock();
        if (self && !self->stopped_) self->on_gap_();
    };
    what.on_refusal = [weak = weak_from_this()](const verdict& v) {
        if (const auto self = weak.lock()) self->look_for(v);
    };
    return std::make_shared<channel_link>(std::move(what), log_);
}

void subscriber_core::look_for(const verdict& refusal) {
    if (stopped_) return;
    if (refusal.what == verdict::kind::moved) topology_->moved(refusal.at, refusal.target);
    else topology_->look_again();
}

subscriber::subscriber(boost::asio::any_io_executor executor, deployment where,
                       client_options options, std::vector<std::string> channels,
                       message_function on_message, std::function<void()> on_gap, ports::log& log)
    : core_(std::make_shared<subscriber_core>(std::move(executor), std::move(where),
                                              std::move(options), std::move(channels),
                                              std::move(on_message), std::move(on_gap), log)) {}

subscriber::~subscriber() { core_->stop(); }

void subscriber::start() { core_->start(); }
void subscriber::stop() { core_->stop(); }
bool subscriber::listens() const { return core_->listens(); }
std::string subscriber::refusal() const { return core_->refusal(); }

}  // namespace tallycast::redis
