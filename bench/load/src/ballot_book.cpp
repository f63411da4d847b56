#include <tallycast/load/ballot_book.hpp>

namespace tallycast::load {

void book_totals::add(const book_totals& other) {
    sent += other.sent;
    unsent += other.unsent;
    acknowledged += other.acknowledged;
    refused += other.refused;
    unknown += other.unknown;
    replayed_answers += other.replayed_answers;
    receipt_mismatches += other.receipt_mismatches;
    counted_twice += other.counted_twice;
    contradictions += other.contradictions;
    strange_answers += other.strange_answers;
}

std::uint32_t ballot_book::add(const ballot& what) {
    ballots_.push_back(what);
    return static_cast<std::uint32_t>(ballots_.size() - 1);
}

bool ballot_book::settled(std::uint32_t index) const {
    const auto state = ballots_[index].state;
    return state == ballot_state::acknowledged || state == ballot_state::refused;
}

void ballot_book::sent(std::uint32_t index) {
    auto& it = ballots_[index];
    if (it.state == ballot_state::unsent) it.state = ballot_state::unknown;
}

void ballot_book::acknowledged(std::uint32_t index, std::string_view word,
                               std::string_view receipt) {
    auto& it = ballots_[index];
    const bool moved = word == "counted" || word == "changed";
    if (moved && it.was_counted) ++answers_.counted_twice;
    if (moved) it.was_counted = true;
    else if (word == "replayed") ++answers_.replayed_answers;
    else ++answers_.strange_answers;
    if (it.state == ballot_state::refused) ++answers_.contradictions;
    if (receipt.empty()) {
        ++answers_.receipt_mismatches;
    } else if (it.receipt.empty()) {
        it.receipt.assign(receipt);
    } else if (it.receipt != receipt) {
        ++answers_.receipt_mismatches;
    }
    it.state = ballot_state::acknowledged;
}

void ballot_book::refused(std::uint32_t index, std::string_view code) {
    auto& it = ballots_[index];
    const auto known = refusals_.find(code);
    if (known != refusals_.end()) ++known->second;
    else refusals_.emplace(std::string(code), 1);
    if (it.state == ballot_state::acknowledged) ++answers_.contradictions;
    else it.state = ballot_state::refused;
}

book_totals ballot_book::totals() const {
    book_totals all = answers_;
    for (const auto& it : ballots_) {
        switch (it.state) {
            case ballot_state::unsent: ++all.unsent; break;
            case ballot_state::unknown: ++all.unknown; break;
            case ballot_state::acknowledged: ++all.acknowledged; break;
            case ballot_state::refused: ++all.refused; break;
        }
    }
    all.sent = all.unknown + all.acknowledged + all.refused;
    return all;
}

std::vector<std::optional<std::uint8_t>> ballot_book::standing_choices() const {
    std::vector<std::optional<std::uint8_t>> standing(voters.size());
    for (const auto& it : ballots_) {
        if (it.state != ballot_state::acknowledged) continue;
        auto& held = standing[it.voter];
        if (!held || it.is_change) held = it.choice;
    }
    return standing;
}

}  // namespace tallycast::load
