#include "sentinel_topology.hpp"

#include "sentinel_view.hpp"

#include <utility>

namespace tallycast::redis {

namespace asio = boost::asio;

namespace {

constexpr std::string_view begun = "+try-failover";  // told before anybody is promoted

dialling with_login(dialling how, credentials login) {
    how.login = std::move(login);
    return how;
}

}  // namespace

sentinel_topology::sentinel_topology(const deployment& where, dialling how, ports::log& log,
                                     std::function<void()> changed)
    : topology(how, log, std::move(changed), fence(how.options.fence_after)),
      sentinels_(where.at),
      primary_name_(where.primary_name),
      to_sentinels_(with_login(how, where.sentinel_login)) {
    asker_ = std::make_shared<asker>(to_sentinels_);
}

void sentinel_topology::begin() {
    const auto weak = weak_from_this();
    for (const auto& at : sentinels_) {
        listening what;
        what.how = to_sentinels_;
        what.at = at;
        what.sharded = false;
        what.channels = {std::string(begun), "+switch-master"};
        what.on_message = [weak, name = primary_name_](std::string_view channel,
                                                       std::string_view text) {
            const auto self = weak.lock();
            if (!self || !is_about(text, name)) return;
            if (channel == begun) static_cast<sentinel_topology&>(*self).doubt();
            else self->look_again();
        };
        what.on_subscribed = [] {};
        what.on_refusal = [](const verdict&) {};
        announcements_.push_back(std::make_shared<channel_link>(std::move(what), log_));
        announcements_.back()->start();
    }
}

void sentinel_topology::stop() {
    topology::stop();
    asker_->stop();
    for (const auto& one : std::exchange(announcements_, {})) one->stop();
}

asio::awaitable<void> sentinel_topology::look(base::mono_time asked) {
    pipeline question;
    question.push_back(command{"SENTINEL", "GET-MASTER-ADDR-BY-NAME", primary_name_});
    question.push_back(command{"SENTINEL", "MASTER", primary_name_});
    if (how_.options.read_replicas)
        question.push_back(command{"SENTINEL", "REPLICAS", primary_name_});
    auto asking =
        asker::ask(asker_, sentinels_, std::move(question), asked + how_.options.connect_time);
    const auto got = co_await std::move(asking);
    if (!stopped_) conclude(got, asked);
}

void sentinel_topology::conclude(const asker::answers& got, base::mono_time asked) {
    std::vector<std::optional<endpoint>> named(got.size());
    std::vector<sentinel_word> words;
    std::size_t heard = 0;
    std::string why = asker_->trouble();
    for (std::size_t i = 0; i < got.size(); ++i) {
        if (!got[i]) continue;
        words.push_back(read_word((*got[i])[0], (*got[i])[1]));
        named[i] = words.back().primary;
        if (named[i]) ++heard;
        else why = to_text(sentinels_[i]) + " knows no primary of this name";
    }
    const bool enough = heard >= majority_of(got.size());
    complain(enough ? "" : "no majority of the Sentinels: " + why);
    guard_.heard(heard, got.size(), asked);
    const auto primary = agreed_on(named);
    const auto* before = map().owner_of(0);
    const auto* believed = primary ? &*primary : before;
    if ((enough && !primary) || (believed && is_doubted(*believed, words))) guard_.doubt(asked);
    else if (primary) guard_.trust(asked);
    if (!primary) return;
    std::vector<endpoint> replicas;
    for (std::size_t i = 0; i < got.size() && how_.options.read_replicas; ++i)
        if (named[i] == primary && replicas.empty()) replicas = read_replicas(got[i]->back());
    if (!before || *before != *primary)
        log_.write(ports::severity::info, "the primary is",
                   {{"server", to_text(*primary)}, {"before", before ? to_text(*before) : ""}});
    adopt(slot_map::of_one(*primary, std::move(replicas)));
}

}  // namespace tallycast::redis
