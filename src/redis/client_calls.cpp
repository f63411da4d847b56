// How a call finds its way: the coroutines of client_core.

#include "client_core.hpp"
#include "replies.hpp"

#include <algorithm>
#include <utility>

namespace tallycast::redis {

namespace asio = boost::asio;

namespace {

// A node that is not ready gets no votes, and without votes it would never see that it may again.
constexpr std::chrono::seconds refusal_counts_for{5};

base::mono_time now() { return std::chrono::steady_clock::now(); }

// ASKING holds for one command, so each gets one in front of it.
std::string with_asking(const pipeline& what) {
    static const std::string asking = command{"ASKING"}.encoded();
    std::string bytes;
    for (const auto& one : what) {
        bytes += asking;
        one.append_to(bytes);
    }
    return bytes;
}

void drop_answers_to_asking(replies& got) {
    for (std::size_t i = 0; 2 * i + 1 < got.size(); ++i) got[i] = std::move(got[2 * i + 1]);
    got.resize(got.size() / 2);
}

}  // namespace

// A call's place in the bounded queue.
class client_core::admission {
public:
    admission(client_core& core, const pipeline& what)
        : core_(core), commands_(what.size()), bytes_(weight(what)) {
        core_.commands_waiting_ += commands_;
        core_.bytes_waiting_ += bytes_;
        core_.meter_.move(ports::gauge::store_queue, static_cast<std::int64_t>(commands_));
    }
    ~admission() {
        core_.commands_waiting_ -= commands_;
        core_.bytes_waiting_ -= bytes_;
        core_.meter_.move(ports::gauge::store_queue, -static_cast<std::int64_t>(commands_));
    }
    admission(const admission&) = delete;
    admission& operator=(const admission&) = delete;

    bool granted() const {
        return core_.commands_waiting_ <= core_.options_.most_commands &&
               core_.bytes_waiting_ <= core_.options_.most_bytes;
    }

private:
    client_core& core_;
    std::size_t commands_;
    std::size_t bytes_;
};

asio::awaitable<call_result<replies>> client_core::call(self_ptr self, slot at, pipeline what,
                                                        std::chrono::milliseconds deadline,
                                                        reads from) {
    if (what.empty()) co_return replies{};
    errand job{at, std::move(what), from, call_course(now() + deadline)};
    auto work = carry_out(self, job);
    co_return co_await std::move(work);
}

asio::awaitable<call_result<written>> client_core::write(self_ptr self, slot at, pipeline what,
                                                         std::chrono::milliseconds deadline,
                                                         copies wanted, bool position) {
    errand job{at, std::move(what), reads::primary, call_course(now() + deadline)};
    job.wanted = wanted;
    job.position = position || wanted.replicas > 0;
    auto work = carry_out(self, job);
    auto got = co_await std::move(work);
    if (!got) co_return got.error();
    written done;
    if (job.position) {
        done.replid = job.over->replid;
        done.offset = number_at((*got)[job.what.size()], 1, 0);
    }
    if (wanted.who != waiting::for_who_keeps_up && job.needed > 0)
        done.kept = got->back().number >= job.needed;
    got->resize(job.what.size());
    done.got = std::move(*got);
    co_return done;
}

asio::awaitable<call_result<replies>> client_core::carry_out(self_ptr self, errand& job) {
    auto work = find_answer(self, job);
    auto got = co_await std::move(work);
    if (!got) self->meter_.add(ports::count::store_calls_failed);
    co_return got;
}

asio::awaitable<call_result<replies>> client_core::find_answer(self_ptr self, errand& job) {
    const admission place(*self, job.what);
    if (!place.granted())
        co_return call_failure{call_error::overloaded, "too many commands wait for Redis"};
    for (;;) {
        job.sent = false;
        auto got = co_await attempt(self, job);
        // The last word: what came in counts only if the fence is down now.
        if (auto failure = self->closed(job)) co_return std::move(*failure);
        if (!got) co_return got;
        const auto said = self->learn_from(*got, job);
        const auto next = job.course.after(said, now(), self->luck());
        if (next == call_course::step::finish) co_return got;
        if (next == call_course::step::give_up) {
            auto failure = self->given_up(job);
            failure.refused = said.what == verdict::kind::refused;
            co_return failure;
        }
        if (next == call_course::step::pause)
            co_await self->changed_.wait(job.course.pause_until());
        job.load_first = next == call_course::step::load;
    }
}

asio::awaitable<call_result<replies>> client_core::attempt(self_ptr self, errand& job) {
    for (;;) {
        auto over = co_await link_for(self, job);
        if (!over) co_return self->given_up(job);
        const auto library = self->send_library(job, over);
        const bool asking = job.course.asking();
        const auto after = words_after(job, *over);
        const auto commands = job.what.size() + after.size();
        auto sent = over->send(asking ? with_asking(job.what) + with_asking(after)
                                      : encoded(job.what) + encoded(after),
                               asking ? 2 * commands : commands);
        job.over = over;
        job.libraries_before = over->libraries_sent;
        self->meter_.add(ports::count::store_commands, commands);
        const auto begun = now();
        co_await link::settle(over, sent, job.course.deadline());
        if (sent->is == exchange::fate::not_sent) continue;  // to the next link, or out of time
        job.sent = true;
        if (sent->is != exchange::fate::answered)
            co_return call_failure{
                call_error::unknown,
                to_text(over->peer()) + ": " + (over->open() ? "no answer in time" : over->why())};
        const std::chrono::duration<double> took = now() - begun;
        self->meter_.observe(ports::timing::store_round_trip, took.count());
        if (asking) drop_answers_to_asking(sent->got);
        if (library) job.loaded = std::move(library->got);
        self->hear_followers(job, sent->got);
        co_return std::move(sent->got);
    }
}

// Where the write stands, and whether it has gone on to others.
pipeline client_core::words_after(errand& job, const link& over) {
    pipeline words;
    if (job.position) words.push_back(command{"ROLE"});
    job.needed = job.wanted.replicas;
    if (job.wanted.who == waiting::for_who_keeps_up)
        job.needed = std::min(job.needed, over.followers.keeping_up());
    if (job.wanted.who == waiting::for_who_is_there)
        job.needed = std::min(job.needed, over.followers.attached());
    if (job.needed > 0)
        words.push_back(command{"WAIT"}.add(job.needed).add(job.wanted.within.count()));
    return words;
}

void client_core::hear_followers(const errand& job, const replies& got) {
    if (!job.position) return;
    auto& followers = job.over->followers;
    const int before = followers.keeping_up();
    followers.heard(got[job.what.size()]);
    if (job.needed > 0 && got.back().number < job.needed) followers.fell_short();
    const int now_up = followers.keeping_up();
    if (job.wanted.replicas == 0 || (before > 0) == (now_up > 0)) return;
    log_.write(now_up > 0 ? ports::severity::info : ports::severity::warn,
               now_up > 0 ? "a replica keeps up again" : "no replica keeps up with the primary",
               {{"server", to_text(job.over->peer())}});
}

// Nothing once the deadline passed, or while no call is taken.
asio::awaitable<std::shared_ptr<link>> client_core::link_for(self_ptr self, errand& job) {
    while (!self->closed(job) && now() < job.course.deadline()) {
        auto found = self->link_now(job);
        if (found) co_return found;
        co_await self->changed_.wait(job.course.deadline());
    }
    co_return nullptr;
}

// Right before the call, unless somebody has sent it over the same link since the call was.
std::shared_ptr<exchange> client_core::send_library(errand& job,
                                                    const std::shared_ptr<link>& over) {
    job.loaded.clear();
    if (!std::exchange(job.load_first, false) || library_.empty()) return nullptr;
    if (over == job.over && over->libraries_sent != job.libraries_before) return nullptr;
    ++over->libraries_sent;
    log_.write(ports::severity::info, "loading the functions", {{"server", to_text(over->peer())}});
    return over->send(command{"FUNCTION", "LOAD", "REPLACE", library_}.encoded(), 1);
}

std::shared_ptr<link> client_core::link_now(const errand& job) {
    if (job.course.asking()) return link_to(job.course.target());
    if (job.from == reads::replica) {
        if (auto found = replica_link(job.at)) return found;
    }
    const auto* owner = topology_ ? topology_->map().owner_of(job.at) : nullptr;
    return owner ? link_to(*owner) : nullptr;
}

// A server that takes over its first slot is in no map yet.
std::shared_ptr<link> client_core::link_to(const endpoint& at) {
    auto& one = primaries_[at];
    if (!one) {
        one = std::make_shared<node>(around_, at, server_role::primary);
        one->start();
    }
    const auto& found = one->ready();
    return found && found->takes_more() ? found : nullptr;
}

std::shared_ptr<link> client_core::replica_link(slot at) {
    const auto* owner = topology_ ? topology_->map().owner_of(at) : nullptr;
    if (!owner) return nullptr;
    const auto& all = topology_->map().replicas_of(*owner);
    for (std::size_t i = 0; i < all.size(); ++i) {
        const auto found = replicas_.find(all[next_replica_++ % all.size()]);
        if (found == replicas_.end()) continue;
        const auto& line = found->second->ready();
        if (line && line->takes_more()) return line;
    }
    return nullptr;
}

// What the replies say about the deployment, and what they mean for the call.
verdict client_core::learn_from(const replies& got, const errand& job) {
    const auto& peer = job.over->peer();
    auto said = judge(got, peer);
    const auto of_load = judge(job.loaded, peer);
    if (of_load.what != verdict::kind::done) {
        said = of_load;
    } else if (!job.loaded.empty() && job.loaded.front().is_error()) {
        said.what = verdict::kind::refused;
        said.words = "FUNCTION LOAD: " + job.loaded.front().text;
    }
    refusal_.clear();
    if (said.what == verdict::kind::refused) {
        refusal_ = redis::refused(peer, said.words).detail;
        refused_until_ = now() + refusal_counts_for;
        if (first_words_) first_words_->refused();
    }
    if (said.what == verdict::kind::moved) topology_->moved(said.at, said.target);
    if (said.what == verdict::kind::wait_out) topology_->look_again();
    const auto server = primaries_.find(peer);
    // Another may be the primary now, and this one may come back with another history.
    if (said.demoted && job.from == reads::primary && server != primaries_.end())
        server->second->renew();
    return said;
}

bool client_core::refused() const { return !refusal_.empty() && now() < refused_until_; }

// Why no call can succeed now; what was sent may have been carried out. While a primary is being
// replaced there is no link either, but calls are held: soon there will be one.
std::optional<call_failure> client_core::closed(const errand& job) const {
    if (stopped_) return call_failure{call_error::stopped, "the link to Redis was stopped"};
    if (!fenced() || topology_->in_doubt() || topology_->map().empty()) return {};
    const bool open_end = job.sent || job.course.may_have_happened();
    return call_failure{open_end ? call_error::unknown : call_error::unavailable, last_error()};
}

call_failure client_core::given_up(const errand& job) const {
    const auto& why = job.course.why().empty() ? last_error() : job.course.why();
    return {job.course.may_have_happened() ? call_error::unknown : call_error::unavailable,
            why.empty() ? "no answer in time" : why};
}

}  // namespace tallycast::redis
