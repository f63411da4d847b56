#include <tallycast/app/fair_share.hpp>

#include <algorithm>
#include <utility>

namespace tallycast::app {

fair_share::sum_of_all fair_share::take_in(base::mono_time now,
                                           const std::vector<ports::node_word>& words) {
    sum_of_all all;
    std::unordered_map<std::string, known> there;
    for (const auto& word : words) {
        const auto before = nodes_.find(word.node);
        known one = before == nodes_.end() ? known{word.beat, now, false} : before->second;
        if (one.beat != word.beat) one = {word.beat, now, true};
        const bool is_own = word.node == own_name_;
        if (is_own) all.own = word.people;
        if (is_own || (one.alive && now - one.since <= rules_.silence)) {
            all.people += word.people;
            ++all.nodes;
        }
        there.insert_or_assign(word.node, one);
    }
    nodes_ = std::move(there);
    return all;
}

std::vector<std::string> fair_share::long_gone(base::mono_time now) {
    std::vector<std::string> gone;
    for (const auto& [name, one] : nodes_)
        if (name != own_name_ && now - one.since > rules_.forgotten) gone.push_back(name);
    return gone;
}

void fair_share::rest() {
    above_since_.reset();
    evening_ = false;
    last_group_ = 0;
}

fair_share::advice fair_share::hear(base::mono_time now,
                                    const std::vector<ports::node_word>& words) {
    const auto all = take_in(now, words);
    advice said;
    said.strike = long_gone(now);
    if (all.nodes < 2 || all.people == 0) {
        rest();
        return said;
    }
    const double mean = static_cast<double>(all.people) / static_cast<double>(all.nodes);
    said.share = static_cast<double>(all.own) / mean;
    if (all.own <= rules_.least_people ||
        said.share <= (evening_ ? rules_.end_below : rules_.begin_above)) {
        rest();
        return said;
    }
    if (!above_since_) above_since_ = now;
    if (!evening_ && now - *above_since_ < rules_.patience) return said;
    said.send_away = group_of(now, all.own, mean);
    return said;
}

// What is due now. Of a group that helped, a quarter at least has not come back.
std::uint64_t fair_share::group_of(base::mono_time now, std::uint64_t own, double mean) {
    if (!std::exchange(evening_, true)) {
        next_group_ = now;
        pause_ = rules_.pause;
    }
    if (now < next_group_) return 0;
    if (last_group_ > 0) {
        const bool helped = own + last_group_ / 4 <= own_before_;
        pause_ = helped ? rules_.pause : std::min(pause_ * 2, rules_.longest_pause);
    }
    const auto people = static_cast<double>(own);
    last_group_ = static_cast<std::uint64_t>(std::min(people * rules_.group, people - mean));
    own_before_ = own;
    next_group_ = now + pause_;
    return last_group_;
}

}  // namespace tallycast::app
