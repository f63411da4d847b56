#include "vote_pack.hpp"

#include <tallycast/domain/fingerprint.hpp>

#include <cstddef>

namespace tallycast::redis {

namespace {

void put(std::string& to, std::uint64_t value, std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; ++i)
        to.push_back(static_cast<char>(value >> (8 * i) & 0xff));
}

void append(std::string& packed, const domain::vote_request& vote, std::uint32_t last,
            std::uint16_t slices) {
    put(packed, index_of(vote.voter, slices), 4);
    put(packed, vote.vote.bits, 8);
    put(packed, vote.tag, 4);
    put(packed, domain::body_of(vote.vote), 2);
    put(packed, last, 4);
}

}  // namespace

void append_vote(std::string& packed, const domain::vote_request& vote, std::uint16_t slices) {
    append(packed, vote, vote.revision, slices);
}

void append_short_vote(std::string& packed, const domain::vote_request& vote,
                       const sheet_form& form, std::uint16_t slices) {
    put(packed, index_of(vote.voter, slices), 4);
    put(packed, vote.vote.bits, form.ballot_bytes());
    put(packed, vote.tag, 4);
}

void append_action(std::string& packed, const domain::vote_request& vote, std::uint32_t sequence,
                   std::uint16_t slices) {
    append(packed, vote, sequence, slices);
}

}  // namespace tallycast::redis
