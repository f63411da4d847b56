#pragma once
// The body of a vote, the hottest parser of the node: {"choices":["a"]} or {"rating":4}, each
// with "revision" or without, and nothing else. No tree is built; plain strings stay views of the
// body. A reader is reused or thrown away, never copied or moved: what it answers points into it
// and into the body.

#include <tallycast/base/error.hpp>
#include <tallycast/domain/ballot.hpp>

#include <array>
#include <cstddef>
#include <memory_resource>
#include <string_view>
#include <vector>

namespace tallycast::wire {

class vote_body_reader {
public:
    vote_body_reader() = default;
    vote_body_reader(const vote_body_reader&) = delete;
    vote_body_reader& operator=(const vote_body_reader&) = delete;

    // Valid until the next read and as long as `json` is. malformed_json (no JSON, doubled members,
    // deeper than 8; says at which byte or member), unknown_field, invalid_request (neither or both
    // of the two, or of another type; a revision that is none), invalid_ballot (more than 64
    // choices).
    base::result<domain::ballot_form> read(std::string_view json);

private:
    std::array<std::byte, 2048> first_;
    std::pmr::monotonic_buffer_resource arena_{first_.data(), first_.size()};
    std::pmr::vector<std::string_view> choices_{&arena_};
};

}  // namespace tallycast::wire
