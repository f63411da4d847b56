#pragma once
// What a part of the crowd sent and what it was told: the client's side of the truth. Pure; one
// thread. A ballot is `unknown` from its first sending to its first answer, and stays so when none
// comes: it may be counted or not, which is neither lost nor refused.

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tallycast::load {

enum class ballot_state : std::uint8_t { unsent, unknown, acknowledged, refused };

struct voter {
    std::string token;         // empty: not joined yet
    std::uint64_t number = 0;  // as the node gave it
};

struct ballot {
    std::uint32_t voter = 0;   // index into the book's voters
    std::uint8_t choice = 0;   // index of the option
    bool is_change = false;    // replaces the voter's ballot before it
    bool was_counted = false;  // an answer said counted or changed
    ballot_state state = ballot_state::unsent;
    std::string receipt;
};

// Distinct ballots by what became of them, and answers that contradict what was said before.
struct book_totals {
    std::uint64_t sent = 0;  // acknowledged + refused + unknown
    std::uint64_t unsent = 0;
    std::uint64_t acknowledged = 0;
    std::uint64_t refused = 0;
    std::uint64_t unknown = 0;
    std::uint64_t replayed_answers = 0;
    std::uint64_t receipt_mismatches =
        0;                              // another receipt than the first answer's, or none at all
    std::uint64_t counted_twice = 0;    // a second `counted` or `changed` for one ballot
    std::uint64_t contradictions = 0;   // refused after acknowledged, or the reverse
    std::uint64_t strange_answers = 0;  // 200 with a status that is none of the contract's
    void add(const book_totals& other);
};

class ballot_book {
public:
    std::vector<voter> voters;

    std::uint32_t add(const ballot& what);
    const ballot& at(std::uint32_t index) const { return ballots_[index]; }
    std::size_t size() const noexcept { return ballots_.size(); }
    bool settled(std::uint32_t index) const;  // acknowledged or refused

    void sent(std::uint32_t index);
    // word and receipt of an answer of 200.
    void acknowledged(std::uint32_t index, std::string_view word, std::string_view receipt);
    void refused(std::uint32_t index, std::string_view code);

    book_totals totals() const;
    const std::map<std::string, std::uint64_t, std::less<>>& refusals() const noexcept {
        return refusals_;
    }

    // The choice that must stand in the end for each voter: that of the last acknowledged ballot;
    // none for a voter without one.
    std::vector<std::optional<std::uint8_t>> standing_choices() const;

private:
    std::vector<ballot> ballots_;
    std::map<std::string, std::uint64_t, std::less<>> refusals_;
    book_totals answers_;  // only the counts of answers
};

}  // namespace tallycast::load
