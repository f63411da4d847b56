#pragma once
// A results hub led by bytes beside a plain model of what it promises: only the newest is handed
// out, versions never step back, max_hz is kept, the hidden stays hidden, whoever should be told is
// told, and when all is quiet everybody has the newest of everything they may see.

#include <tallycast/app/results_hub.hpp>

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace tallycast::fuzz {

class hub_trial {
public:
    // The first broken promise in words, or nothing.
    static std::optional<std::string> run(std::span<const std::uint8_t> bytes) {
        hub_trial trial(bytes);
        while (!trial.bytes_.empty() && !trial.complaint_) trial.step();
        if (!trial.complaint_) trial.settle();
        return trial.complaint_;
    }

private:
    using slots = std::array<app::broadcast_ptr, 2>;

    struct watch {
        domain::viewer viewer = domain::viewer::other;
        base::milliseconds interval{0};
        std::array<std::optional<std::uint64_t>, 2> seen;
        std::optional<base::mono_time> results_at;
    };
    struct person {
        std::map<int, watch> watches;
        bool writing_shared = false;  // as the hub knows it
        bool writing_own = false;     // as the hub does not
        bool told = false;            // has been called ready and not taken yet
    };

    static constexpr std::size_t limit = 3;
    static constexpr int polls = 5;

    explicit hub_trial(std::span<const std::uint8_t> bytes) : bytes_(bytes), hub_(limit) {}

    std::uint32_t dice(std::uint32_t sides) {
        if (bytes_.empty()) return 0;
        const std::uint32_t value = bytes_.front() % sides;
        bytes_ = bytes_.subspan(1);
        return value;
    }

    void check(bool promise, const char* words) {
        if (!promise && !complaint_) complaint_ = words;
    }

    static base::poll_id poll(int number) { return base::poll_id("poll" + std::to_string(number)); }

    std::map<app::subscriber_id, person>::iterator anybody() {
        auto at = people_.begin();
        if (!people_.empty()) std::advance(at, dice(static_cast<std::uint32_t>(people_.size())));
        return at;
    }

    void step() {
        const std::uint32_t what = dice(16);
        if (what < 5) return publish();
        if (what < 7) return wait();
        if (what == 7 && people_.size() < 8) return join();
        if (what == 8 && dice(4) == 0) return forget(static_cast<int>(dice(polls)));
        const auto at = anybody();
        if (at == people_.end()) return join();
        if (what == 9 && dice(3) == 0) return leave(at);
        if (what == 10) return unsubscribe(at, static_cast<int>(dice(polls)));
        if (what == 11) return set_viewer(at);
        if (what == 12) {
            at->second.writing_own = true;  // after which it takes
            return;
        }
        if (what < 15) return written(at);
        subscribe(at);
    }

    void join() {
        const auto id = hub_.add();
        check(people_.emplace(id, person{}).second, "an id in use was given out");
    }

    void leave(std::map<app::subscriber_id, person>::iterator at) {
        const auto id = at->first;
        people_.erase(at);
        hub_.remove(id);
        check(hub_.take(id, now_) == nullptr, "somebody who left was given something");
        check(hub_.next_due(id) == base::mono_time::max(),
              "something is due for somebody who left");
    }

    domain::viewer some_viewer() {
        constexpr std::array<domain::viewer, 4> all{domain::viewer::other, domain::viewer::other,
                                                    domain::viewer::voted, domain::viewer::host};
        return all[dice(4)];
    }

    void subscribe(std::map<app::subscriber_id, person>::iterator at) {
        constexpr std::array<std::pair<double, int>, 5> rates{
            {{0.1, 10'000}, {20, 50}, {3, 333}, {1000, 50}, {-1, 10'000}}};
        person& who = at->second;
        const int number = static_cast<int>(dice(polls));
        const auto [max_hz, interval] = rates[dice(rates.size())];
        const domain::viewer viewer = some_viewer();
        const bool known = who.watches.contains(number);
        const bool full = !known && who.watches.size() == limit;
        const auto answer = hub_.subscribe(at->first, poll(number), {viewer, max_hz});
        check(answer == (full    ? app::subscribe_answer::full
                         : known ? app::subscribe_answer::renewed
                                 : app::subscribe_answer::added),
              "subscribing was answered wrongly");
        if (full) return;
        watch& w = who.watches[number];
        w.viewer = viewer;
        w.interval = base::milliseconds{interval};
        w.seen = {};
        if (!who.writing_shared && !who.writing_own) take(at);
    }

    void unsubscribe(std::map<app::subscriber_id, person>::iterator at, int number) {
        check(hub_.unsubscribe(at->first, poll(number)) == (at->second.watches.erase(number) > 0),
              "unsubscribing was answered wrongly");
    }

    void set_viewer(std::map<app::subscriber_id, person>::iterator at) {
        const int number = static_cast<int>(dice(polls));
        const domain::viewer viewer = some_viewer();
        hub_.set_viewer(at->first, poll(number), viewer);
        if (const auto w = at->second.watches.find(number); w != at->second.watches.end())
            w->second.viewer = viewer;
        if (!at->second.writing_shared && !at->second.writing_own) take(at);
    }

    void written(std::map<app::subscriber_id, person>::iterator at) {
        at->second.writing_own = false;
        take(at);
    }

    void publish() {
        constexpr std::array<domain::poll_status, 5> states{
            domain::poll_status::open, domain::poll_status::open, domain::poll_status::closed,
            domain::poll_status::draft, domain::poll_status::paused};
        auto m = std::make_shared<app::broadcast>();
        const int number = static_cast<int>(dice(polls));
        const std::size_t kind = dice(4) == 0 ? 0 : 1;
        slots& kept = kept_[number];
        m->poll = poll(number);
        m->kind = static_cast<app::broadcast_kind>(kind);
        m->version = (kept[kind] ? kept[kind]->version : 0) + dice(4);
        if (kept[kind] && m->version > 0) m->version -= 1;
        m->status = states[dice(states.size())];
        m->rule = static_cast<domain::visibility>(1 + dice(4));
        if (!kept[kind] || m->version > kept[kind]->version) kept[kind] = m;
        if (kept[kind] == m && (kind == 0 || !kept[0])) rule_[number] = m->rule;

        hub_.publish(m, now_, [this](app::subscriber_id id) { on_ready(id); });
        for (auto& [id, who] : people_) {
            const auto w = who.watches.find(number);
            const bool waits = !who.writing_shared && !who.writing_own && !who.told;
            if (kept[kind] == m && waits && w != who.watches.end()) {
                check(!is_due(number, w->second), "an idle subscriber was not told of what is due");
            }
        }
    }

    void on_ready(app::subscriber_id id) {
        const auto at = people_.find(id);
        check(at != people_.end(), "somebody who left was called ready");
        if (at == people_.end()) return;
        check(!at->second.writing_shared, "a busy subscriber was called ready");
        check(anything_due(at->second), "a subscriber was called ready for nothing");
        at->second.told = true;
        if (at->second.writing_own) return;  // takes when that is written
        const std::uint32_t what = dice(12);
        if (what == 0) return leave(at);
        if (what == 1) return join();
        if (what == 2) return leave(anybody());
        if (what == 3) return unsubscribe(anybody(), static_cast<int>(dice(polls)));
        if (what == 4) return subscribe(anybody());
        take(at);
    }

    void wait() {
        now_ += base::milliseconds{dice(3) == 0 ? dice(256) * 40 : dice(256)};
        flush();
    }

    void flush() {
        hub_.flush(now_, [this](app::subscriber_id id) { on_ready(id); });
        for (auto& [id, who] : people_) {
            const bool waits = !who.writing_shared && !who.writing_own && !who.told;
            if (waits) check(!anything_due(who), "what became due was not told");
        }
    }

    void forget(int number) {
        hub_.forget(poll(number));
        kept_.erase(number);
        for (auto& [id, who] : people_) who.watches.erase(number);
        check(
            !hub_.watched(poll(number)) && !hub_.newest(poll(number), app::broadcast_kind::results),
            "what was forgotten is still known");
    }

    bool wanted(int number, const watch& w, std::size_t kind) const {
        const auto known = kept_.find(number);
        if (known == kept_.end() || !known->second[kind]) return false;
        const app::broadcast& m = *known->second[kind];
        if (w.seen[kind] && *w.seen[kind] >= m.version) return false;
        const bool draft = m.status == domain::poll_status::draft;
        if (draft || kind == 0) return !draft || w.viewer == domain::viewer::host;
        return domain::visible(rule_.at(number), m.status, w.viewer);
    }

    bool is_due(int number, const watch& w) const {
        if (wanted(number, w, 0)) return true;
        return wanted(number, w, 1) && (!w.results_at || now_ >= *w.results_at + w.interval);
    }

    bool anything_due(const person& who) const {
        for (const auto& [number, w] : who.watches) {
            if (is_due(number, w)) return true;
        }
        return false;
    }

    void take(std::map<app::subscriber_id, person>::iterator at) {
        person& who = at->second;
        const bool due = anything_due(who);
        check(due == (hub_.next_due(at->first) <= now_), "next_due and what is due differ");
        const app::broadcast_ptr m = hub_.take(at->first, now_);
        who.told = false;
        who.writing_shared = m != nullptr;
        check((m != nullptr) == due,
              m ? "something was given before its time" : "what is due was not given");
        if (!m) return;
        const int number = m->poll.str().back() - '0';
        const auto kind = static_cast<std::size_t>(m->kind);
        const auto w = who.watches.find(number);
        check(w != who.watches.end(), "a poll was given that is not subscribed");
        if (w == who.watches.end()) return;
        check(kept_[number][kind] == m, "something older than the newest was given");
        check(wanted(number, w->second, kind), "something was given that was seen or is hidden");
        check(kind == 0 || !wanted(number, w->second, 0),
              "results came before their poll's change");
        if (kind == 1) {
            const auto& last = w->second.results_at;
            check(!last || now_ - *last >= w->second.interval,
                  "results came more often than asked for");
            w->second.results_at = now_;
        }
        w->second.seen[kind] = m->version;
    }

    // Everybody ends what they write; then only flush() may still bring what is due.
    void settle() {
        for (auto at = people_.begin(); at != people_.end() && !complaint_; ++at) {
            written(at);
            while (at->second.writing_shared && !complaint_) take(at);
        }
        for (int i = 0; i < 12 && !complaint_; ++i) {
            now_ += base::milliseconds{1000};
            hub_.flush(now_, [this](app::subscriber_id id) {
                const auto at = people_.find(id);
                check(at != people_.end(), "somebody who left was called ready");
                if (at == people_.end()) return;
                do take(at);
                while (at->second.writing_shared && !complaint_);
            });
        }
        std::size_t subscriptions = 0;
        for (const auto& [id, who] : people_) {
            subscriptions += who.watches.size();
            for (const auto& [number, w] : who.watches) {
                check(!wanted(number, w, 0) && !wanted(number, w, 1), "something was lost");
            }
        }
        check(hub_.counts().subscribers == people_.size(), "subscribers are miscounted");
        check(hub_.counts().subscriptions == subscriptions, "subscriptions are miscounted");
    }

    std::span<const std::uint8_t> bytes_;
    app::results_hub hub_;
    base::mono_time now_{};
    std::map<app::subscriber_id, person> people_;
    std::map<int, slots> kept_;
    std::map<int, domain::visibility> rule_;
    std::optional<std::string> complaint_;
};

}  // namespace tallycast::fuzz
