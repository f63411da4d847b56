#pragma once
// All ballots of one round of a poll, packed: voter n's record lies at n × width. Pages are made
// when a voter in them first votes, so sparse numbers cost nothing. Single-threaded.
//
// A record, without changes:  ballot (1 to 8 bytes) · tag (3 bytes)
//           with changes:     ballot (1 to 8 bytes) · sequence (3 bytes) · stamp (5 bytes) ·
//                             8 × { tag (4) · body (2) }, newest first
//
// sequence counts the voter's accepted actions; entry i of the ring belongs to action sequence − i.
// A tag is the fingerprint of an idempotency key (fingerprint.hpp); body is that of the ballot it
// came with. The stamp is the time of the last action in ms since 2020; 0: nobody knows.

#include <tallycast/base/time.hpp>
#include <tallycast/domain/ballot.hpp>
#include <tallycast/domain/fingerprint.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>

namespace tallycast::domain {

inline constexpr std::size_t remembered_keys = 8;
inline constexpr std::uint32_t max_sequence = (1u << 24) - 1;

struct sheet_record {
    struct entry {
        std::uint32_t tag = 0;   // 0: no entry
        std::uint16_t body = 0;  // 0: a withdrawal
        friend bool operator==(const entry&, const entry&) = default;
    };
    ballot vote;
    std::uint32_t sequence = 0;  // 0: this voter never voted
    base::wall_time acted_at{};  // to the millisecond, and where ballots may change
    std::array<entry, remembered_keys> recent{};
    friend bool operator==(const sheet_record&, const sheet_record&) = default;
};

class ballot_sheet {
public:
    explicit ballot_sheet(const poll_definition& definition);

    std::size_t record_bytes() const noexcept { return record_bytes_; }
    sheet_record read(base::voter_number voter) const;
    void write(base::voter_number voter, const sheet_record& record);

    // Calls `visit(voter, record)` for each voter after `after`, in ascending order, whose record
    // is not empty, until it returns false.
    void walk(base::voter_number after,
              const std::function<bool(base::voter_number, const sheet_record&)>& visit) const;

    std::size_t bytes_used() const noexcept;

    // What of a tag a record keeps; tags are compared in this form.
    std::uint32_t stored(std::uint32_t tag) const noexcept {
        return keeps_changes_ ? tag : tag & 0xffffffu;
    }

private:
    static constexpr std::uint64_t page_records = 4096;

    const std::byte* at(base::voter_number voter) const;
    sheet_record decoded(const std::byte* from) const;

    std::size_t ballot_bytes_;
    bool keeps_changes_;
    std::size_t record_bytes_;
    std::map<std::uint64_t, std::unique_ptr<std::byte[]>> pages_;  // by voter number / page_records
};

}  // namespace tallycast::domain
