#include "diagnosis.hpp"

#include "fence.hpp"
#include "info_text.hpp"
#include "known_holes.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>

namespace tallycast::redis {

namespace {

constexpr std::int64_t oldest_version = 7;
constexpr std::int64_t enough_backlog = 64 * 1024 * 1024;
constexpr std::int64_t shortest_lag = 2;  // seconds, of min-replicas-max-lag
// How long a silent primary is waited for, in ms: shorter takes a busy one for dead, and past the
// longest the nodes have forgotten what they would apply again.
constexpr std::int64_t advised_silence = 5000;
constexpr std::int64_t longest_silence = 15'000;
constexpr base::milliseconds clocks_may_differ{500};

std::int64_t number(std::string_view text) {
    std::int64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

std::string_view text_of(const named_texts& all, std::string_view name) {
    const auto found = all.find(name);
    return found == all.end() ? std::string_view{} : found->second;
}

std::string seconds(base::milliseconds time) {
    const auto tenths = std::abs(time.count()) / 100;
    return std::to_string(tenths / 10) + '.' + std::to_string(tenths % 10) + " s";
}

class examination {
public:
    examination(const survey& all, durability level) : all_(all), level_(level) {}

    std::vector<finding> run() {
        if (!all_.trouble.empty())
            problem({}, "No server to vote at: " + all_.trouble + ".",
                    "Start Redis, or correct --store.");
        sentinels();
        for (const auto& server : all_.servers) {
            server_ = &server;
            if (server.trouble.empty()) examine_server();
            else silent();
        }
        shares();
        std::ranges::stable_sort(found_, std::ranges::greater{}, &group::severity);
        std::vector<finding> told;
        for (const auto& one : found_) told.push_back({one.severity, one.at + one.what, one.fix});
        return told;
    }

private:
    // The same at several servers.
    struct group {
        finding_severity severity;
        std::string what;
        std::string fix;
        std::string at;
    };

    void add(finding_severity severity, const endpoint& at, std::string what, std::string fix) {
        const std::string where = at.host.empty() ? "" : to_text(at) + ": ";
        for (auto& one : found_) {
            if (one.severity != severity || one.what != what || one.fix != fix) continue;
            one.at.replace(one.at.size() - 2, 2, ", " + where);
            return;
        }
        found_.push_back({severity, std::move(what), std::move(fix), where});
    }
    void problem(const endpoint& at, std::string what, std::string fix) {
        add(finding_severity::problem, at, std::move(what), std::move(fix));
    }
    void warning(const endpoint& at, std::string what, std::string fix) {
        add(finding_severity::warning, at, std::move(what), std::move(fix));
    }
    void advice(const endpoint& at, std::string what, std::string fix) {
        add(finding_severity::advice, at, std::move(what), std::move(fix));
    }

    std::string_view setting(std::string_view name) const {
        return text_of(server_->settings, name);
    }
    bool is_set(std::string_view name) const { return server_->settings.contains(name); }

    void silent() {
        // The text of the trouble begins with the address.
        add(server_->is_primary() ? finding_severity::problem : finding_severity::warning, {},
            server_->trouble + (server_->trouble.ends_with('.') ? "" : "."),
            "Start it, let this machine reach it, or correct --store.");
    }

    void examine_server() {
        version();
        eviction();
        persistence();
        clock();
        library();
        if (server_->settings.empty())
            advice(server_->at, "CONFIG GET is not allowed: its settings were not looked at.",
                   "Compare them with docs/clustering.md yourself.");
        else if (has_copies()) copying();
        if (all_.kind == topology_kind::cluster && !server_->settings.empty()) cluster();
    }

    void version() {
        const std::string text(line_of(server_->info, "valkey_version")
                                   .value_or(line_of(server_->info, "redis_version").value_or("")));
        if (number_of(server_->info, "redis_version") < oldest_version)
            return problem(server_->at, "Version " + text + " is too old.",
                           "Install Redis 7.0 or newer, or Valkey 8.");
        const auto hole = known_hole(server_->info);
        if (!hole) return;
        const std::string what = "Version " + text + " has a known hole, " + hole->name + ".";
        if (hole->repaired.empty())
            return advice(server_->at, what,
                          "Its makers no longer repair this line. Take a distribution's package "
                          "that does (Debian: 7.0.15-1~deb12u10), or a newer version.");
        warning(server_->at, what,
                "Install " + hole->repaired + " or a package that has the repair.");
    }

    void eviction() {
        const auto policy = line_of(server_->info, "maxmemory_policy").value_or("noeviction");
        const auto limit = number_of(server_->info, "maxmemory");
        if (policy != "noeviction")
            add(limit > 0 ? finding_severity::problem : finding_severity::warning, server_->at,
                "With maxmemory-policy " + std::string(policy) +
                    " ballots are thrown away when memory is short.",
                "Set `maxmemory-policy noeviction`.");
        if (limit > 0 && number_of(server_->info, "used_memory") > limit / 10 * 9)
            warning(server_->at, "Less than a tenth of maxmemory is free; full, it takes no votes.",
                    "Raise maxmemory, or remove events that are over.");
    }

    void persistence() {
        const bool kept = number_of(server_->info, "aof_enabled") == 1;
        if (level_ == durability::fsync && (!kept || setting("appendfsync") != "always"))
            problem(server_->at, "It does not keep what --durability fsync promises.",
                    "Set `appendonly yes` and `appendfsync always`.");
        else if (!kept)
            add(has_copies() ? finding_severity::warning : finding_severity::problem, server_->at,
                "With appendonly no it comes back empty when it is killed.",
                "Set `appendonly yes`.");
        if (kept && line_of(server_->info, "aof_last_write_status") == "err")
            problem(server_->at, "It could not write its append-only file.",
                    "Look at its log; its disk may be full.");
    }

    void clock() {
        const auto off = server_->ahead;
        if (std::chrono::abs(off) <= clocks_may_differ + server_->uncertainty) return;
        const bool behind = off < base::milliseconds(0);
        warning(server_->at,
                "Its clock is " + seconds(off) + (behind ? " behind" : " ahead of") +
                    " this machine's; polls open and close by it.",
                "Run chrony or systemd-timesyncd on both machines.");
    }

    void library() {
        if (server_->library == library_state::missing && server_->is_primary())
            advice(server_->at, "It does not have the functions yet.",
                   "Nothing: a node loads them. Its user needs the right to FUNCTION LOAD.");
        if (server_->library == library_state::other)
            warning(server_->at, "It has functions of another build under this build's name.",
                    "Where no node of that build runs any more: `FUNCTION DELETE tallycast1`; "
                    "nodes load their own.");
        if (server_->library == library_state::hidden)
            problem(server_->at, "The user may not look at functions.",
                    "Give it the rights `+@scripting` and `+function`.");
    }

    // How many copies of it there are, as its primary counts them.
    std::int64_t copies() const {
        for (const auto& server : all_.servers)
            if (server.at == server_->follows && server.trouble.empty())
                return number_of(server.info, "connected_slaves");
        return 0;
    }
    bool has_copies() const { return copies() > 0; }
    bool can_be_replaced() const { return all_.kind != topology_kind::standalone; }

    // What decides how much is lost or waits when a primary is replaced.
    void copying() {
        if (line_of(server_->info, "master_link_status") == "down")
            warning(server_->at, "It has lost its primary and falls behind.", "Look at its log.");
        if (setting("repl-diskless-load") != "swapdb")
            warning(server_->at,
                    "With repl-diskless-load " + std::string(setting("repl-diskless-load")) +
                        " it is empty if it is promoted in the middle of a full copy.",
                    "Set `repl-diskless-load swapdb`.");
        if (number(setting("repl-backlog-size")) < enough_backlog)
            warning(server_->at,
                    "repl-backlog-size is " + std::string(setting("repl-backlog-size")) +
                        " bytes: after a moment's absence a replica needs a full copy.",
                    "Set `repl-backlog-size 64mb` or more.");
        if (can_be_replaced()) fence();
    }

    // A primary that is cut off is to stop, and one that was just promoted is not.
    void fence() {
        const auto wanted = number(setting("min-replicas-to-write"));
        const auto there = copies();
        const std::string is = "min-replicas-to-write is " + std::to_string(wanted);
        if (server_->is_primary() && wanted > there)
            return problem(
                server_->at,
                is + " and " + std::to_string(there) + " are attached: it takes no votes.",
                "Attach more replicas, or set fewer.");
        if (wanted > there - 1 && wanted > 0)
            return warning(server_->at,
                           is + " with " + std::to_string(there) +
                               (there == 1 ? " replica" : " replicas") +
                               ": after a failover there is one fewer, and no vote is taken.",
                           "Run one replica more than it asks for, or set fewer.");
        if (wanted == 0 && there > 1)
            return warning(server_->at, is + ": a primary that is cut off goes on taking votes.",
                           "Set `min-replicas-to-write 1`.");
        const auto lag = number(setting("min-replicas-max-lag"));
        if (wanted > 0 && (lag == 0 || lag > shortest_lag))
            warning(server_->at,
                    "min-replicas-max-lag is " + std::to_string(lag) +
                        ": a primary that is cut off goes on taking votes for so many seconds.",
                    "Set `min-replicas-max-lag 2`.");
    }

    void cluster() {
        if (setting("cluster-require-full-coverage") == "yes")
            warning(server_->at,
                    "With cluster-require-full-coverage yes one shard that is down stops all "
                    "others.",
                    "Set `cluster-require-full-coverage no`.");
        if (is_set("cluster-node-timeout"))
            silence(server_->at, "cluster-node-timeout", number(setting("cluster-node-timeout")));
    }

    void silence(const endpoint& at, const std::string& name, std::int64_t ms) {
        const std::string is = name + " is " + std::to_string(ms) + ": ";
        const std::string fix = "Set `" + name + " 5000`.";
        if (ms < advised_silence) warning(at, is + "a busy primary is taken for dead.", fix);
        if (ms > longest_silence)
            warning(at,
                    is + "when it is replaced, the nodes have forgotten what they would apply "
                         "again.",
                    fix);
        else if (ms > advised_silence)
            advice(at, is + "votes wait so long for a new primary.", fix);
    }

    void sentinels() {
        std::size_t answered = 0;
        for (const auto& one : all_.sentinels) {
            if (!one.trouble.empty()) {
                const auto text = to_text(one.at);
                const bool named = one.trouble.starts_with(text);
                warning({}, (named ? "" : text + ": ") + one.trouble + '.',
                        "Start this Sentinel, or correct --store.");
                continue;
            }
            ++answered;
            silence(one.at, "down-after-milliseconds",
                    number(text_of(one.primary, "down-after-milliseconds")));
            const auto others = number(text_of(one.primary, "num-other-sentinels"));
            if (number(text_of(one.primary, "quorum")) > others + 1)
                problem(one.at, "Its quorum is larger than the number of Sentinels it knows.",
                        "Lower the quorum, or let the Sentinels reach each other.");
        }
        const auto count = all_.sentinels.size();
        if (count > 0 && answered < majority_of(count))
            problem({},
                    std::to_string(answered) + " of " + std::to_string(count) +
                        " Sentinels answer: without a majority nodes refuse votes.",
                    "Let this machine reach them.");
        if (count > 0 && count < 3)
            warning({},
                    "--store names " + std::to_string(count) +
                        " Sentinels: when one dies there is no majority.",
                    "Run three, on machines that do not die together, and name them all.");
    }

    // Which primaries nobody can replace.
    void shares() {
        std::int64_t primaries = 0;
        for (const auto& server : all_.servers) {
            server_ = &server;
            if (!server.is_primary() || !server.trouble.empty()) continue;
            ++primaries;
            if (has_copies()) continue;
            const bool promised = level_ == durability::replicated;
            const std::string what = "It has no replica";
            const std::string fix =
                "Attach a replica; three Sentinels or a cluster replace a primary.";
            if (promised)
                problem(server.at, what + ", and --durability replicated waits for one.", fix);
            else if (can_be_replaced())
                warning(server.at, what + ": nobody takes its place when it dies.", fix);
            else advice(server.at, what + ": votes wait while it is down.", fix);
        }
        if (all_.kind == topology_kind::cluster && primaries > 0 && primaries < 3)
            warning({}, "A cluster of fewer than three primaries replaces none that dies.",
                    "Run at least three.");
    }

    const survey& all_;
    durability level_;
    const server_report* server_ = nullptr;
    std::vector<group> found_;
};

}  // namespace

std::vector<finding> diagnosed(const survey& all, durability level) {
    return examination(all, level).run();
}

}  // namespace tallycast::redis
