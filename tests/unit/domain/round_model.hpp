#pragma once
// One round of a poll as anyone would write it who had memory to waste: each voter's actions in
// full, in a list, and everything else counted from them when asked. It knows nothing of words,
// sheets and fingerprints: a ballot is a list of options or a rating, a key is its text.

#include <tallycast/domain/poll_round.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tallycast::domain {

struct model_ballot {
    std::vector<std::size_t> options;  // ascending, or by rank
    std::uint64_t rating = 0;
    friend bool operator==(const model_ballot&, const model_ballot&) = default;
};

struct model_action {
    std::optional<model_ballot> ballot;  // none: a withdrawal
    std::string key;                     // empty: none
};

struct model_answer {
    verdict what;
    std::uint32_t sequence = 0;
    friend bool operator==(const model_answer&, const model_answer&) = default;
};

class round_model {
public:
    explicit round_model(const poll_definition& definition) : definition_(definition) {}

    model_answer cast(std::uint64_t voter, const model_action& sent) {
        ++ledger_.received;
        const auto answer = decide(voter, sent);
        switch (answer.what) {
            case verdict::counted: ++ledger_.counted; break;
            case verdict::changed: ++ledger_.changed; break;
            case verdict::withdrawn: ++ledger_.withdrawn; break;
            case verdict::replayed: ++ledger_.replayed; return answer;
            case verdict::already_voted: ++ledger_.of(rejection::already_voted); return answer;
            default: ++ledger_.of(rejection::invalid); return answer;
        }
        actions_[voter].push_back(sent);
        return answer;
    }

    // Takes back the voter's newest action.
    void undo(std::uint64_t voter) {
        actions_[voter].pop_back();
        if (actions_[voter].empty()) actions_.erase(voter);
    }

    void restore(const ledger& l) { ledger_ = l; }
    const domain::ledger& ledger() const { return ledger_; }
    const std::map<std::uint64_t, std::vector<model_action>>& actions() const { return actions_; }

    std::vector<model_ballot> standing() const {
        std::vector<model_ballot> ballots;
        for (const auto& [voter, done] : actions_)
            if (done.back().ballot) ballots.push_back(*done.back().ballot);
        return ballots;
    }

private:
    model_answer decide(std::uint64_t voter, const model_action& sent) const {
        const auto found = actions_.find(voter);
        const auto done = found == actions_.end() ? std::vector<model_action>{} : found->second;
        const bool stands = !done.empty() && done.back().ballot.has_value();
        const bool fixed = !definition_.rules.allow_change;
        if (fixed && !sent.ballot) return {verdict::change_not_allowed};
        if (const auto again = repeats(done, sent)) {
            if (done[*again].ballot != sent.ballot) return {verdict::key_reused};
            return {verdict::replayed, static_cast<std::uint32_t>(*again + 1)};
        }
        if (!sent.ballot && !stands) return {verdict::not_voted};
        if (stands && fixed) return {verdict::already_voted};
        const auto sequence = static_cast<std::uint32_t>(done.size() + 1);
        if (!sent.ballot) return {verdict::withdrawn, sequence};
        return {stands ? verdict::changed : verdict::counted, sequence};
    }

    // Which of the remembered actions this one is, or claims by its key to be.
    static std::optional<std::size_t> repeats(const std::vector<model_action>& done,
                                              const model_action& sent) {
        const auto oldest = done.size() - std::min(done.size(), remembered_keys);
        for (auto i = done.size(); i-- > oldest;) {
            if (!sent.key.empty() && done[i].key == sent.key) return i;
            if (!sent.key.empty()) continue;
            if (!done[i].ballot || !sent.ballot) return std::nullopt;
            const bool newest = i + 1 == done.size();
            if (done[i].ballot == sent.ballot && (newest || done[i].key.empty())) return i;
        }
        return std::nullopt;
    }

    poll_definition definition_;
    std::map<std::uint64_t, std::vector<model_action>> actions_;
    domain::ledger ledger_;
};

}  // namespace tallycast::domain
