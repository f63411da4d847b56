#include "client_core.hpp"

#include <algorithm>
#include <utility>

namespace tallycast::redis {

namespace asio = boost::asio;

client_core::client_core(asio::any_io_executor executor, deployment where, client_options options,
                         std::string library, ports::meter& meter, ports::log& log,
                         greeter* first_words)
    : executor_(executor),
      where_(std::move(where)),
      options_(std::move(options)),
      library_(std::move(library)),
      meter_(meter),
      log_(log),
      first_words_(first_words),
      changed_(std::move(executor)) {}

double client_core::luck() { return std::uniform_real_distribution<double>()(random_); }

void client_core::start() {
    tls_context tls;
    if (where_.tls) {
        auto made = make_tls_context(options_.ca_file);
        if (!made) {
            start_failure_ = made.error().detail;
            log_.write(ports::severity::error, "no link to Redis", {{"why", start_failure_}});
            return;
        }
        tls = std::move(*made);
    }
    const std::weak_ptr<client_core> weak = shared_from_this();
    dialling how{executor_, options_, where_.login, std::move(tls)};
    topology_ = topology::of(where_, how, log_, [weak] {
        if (const auto self = weak.lock()) self->follow_topology();
    });
    around_ = std::make_shared<surroundings>(surroundings{
        .how = std::move(how),
        .library = library_,
        .cluster = where_.kind == topology_kind::cluster,
        .first_words = first_words_,
        .log = log_,
        .meter = meter_,
        .changed =
            [weak] {
                if (const auto self = weak.lock()) self->changed_.ring();
            },
        .lost =
            [weak] {
                if (const auto self = weak.lock()) self->topology_->look_again();
            },
        .may_connect =
            [weak] {
                const auto self = weak.lock();
                return self && !self->stopped_ && !self->fenced();
            },
        .ranges_of =
            [weak](const endpoint& at) {
                const auto self = weak.lock();
                return self ? self->topology_->map().ranges_of(at) : std::vector<slot_range>{};
            },
        .luck =
            [weak] {
                const auto self = weak.lock();
                return self ? self->luck() : 0.5;
            }});
    was_fenced_ = fenced();
    topology_->start();
}

void client_core::stop() {
    if (std::exchange(stopped_, true)) return;
    if (topology_) topology_->stop();
    for (const auto& [at, one] : std::exchange(primaries_, {})) one->drop("stopped");
    for (const auto& [at, one] : std::exchange(replicas_, {})) one->drop("stopped");
    changed_.ring();
}

// The map is another one, or the fence went up or down.
void client_core::follow_topology() {
    if (stopped_) return;
    const bool up = fenced();
    if (!std::exchange(was_fenced_, up) && up) {
        for (const auto& [at, one] : primaries_) one->reconnect("fenced");
        for (const auto& [at, one] : replicas_) one->reconnect("fenced");
    }
    const auto& map = topology_->map();
    keep_only(primaries_, map.primaries(), server_role::primary);
    keep_only(replicas_, wanted_replicas(), server_role::replica);
    followed_ = map;
    changed_.ring();
}

std::vector<endpoint> client_core::wanted_replicas() const {
    std::vector<endpoint> wanted;
    if (!options_.read_replicas) return wanted;
    const auto& map = topology_->map();
    for (const auto& at : map.primaries()) {
        const auto& of_one = map.replicas_of(at);
        wanted.insert(wanted.end(), of_one.begin(), of_one.end());
    }
    return wanted;
}

void client_core::keep_only(nodes& kept, const std::vector<endpoint>& wanted, server_role as) {
    for (auto at = kept.begin(); at != kept.end();) {
        if (std::find(wanted.begin(), wanted.end(), at->first) != wanted.end()) {
            ++at;
            continue;
        }
        // A primary whose slots only moved still answers for what it was asked.
        const bool replaced = was_replaced(at->first, followed_, topology_->map());
        if (as == server_role::primary && !replaced) at->second->retire();
        else at->second->drop("replaced by another");
        at = kept.erase(at);
    }
    for (const auto& at : wanted) {
        auto& one = kept[at];
        if (one) continue;
        one = std::make_shared<node>(around_, at, as);
        one->start();
    }
}

bool client_core::ready() const {
    if (stopped_ || fenced() || refused()) return false;
    return std::any_of(primaries_.begin(), primaries_.end(),
                       [](const auto& one) { return one.second->ready() != nullptr; });
}

std::vector<primary> client_core::primaries() const {
    std::vector<primary> found;
    for (const auto& [at, one] : primaries_) {
        if (!one->ready()) continue;
        found.push_back(one->who());
        found.back().ranges = topology_->map().ranges_of(at);
    }
    return found;
}

std::string client_core::last_error() const {
    if (!start_failure_.empty()) return start_failure_;
    if (refused()) return refusal_;
    if (stopped_) return "stopped";
    if (topology_ && !topology_->trouble().empty()) return topology_->trouble();
    if (topology_ && topology_->in_doubt()) return "the primary is being replaced";
    if (fenced()) return "no majority of those who know the primary can be heard";
    if (primaries_.empty()) return "no primary is known yet";
    for (const auto& [at, one] : primaries_)
        if (!one->ready()) return one->trouble();
    return {};
}

}  // namespace tallycast::redis
