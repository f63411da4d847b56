#pragma once
// The messages of a live connection. What a client says is read without a tree, as a vote's body
// is; a reader is reused or thrown away, never copied or moved: a vote message points into it and
// the text.

#include <tallycast/base/error.hpp>
#include <tallycast/base/id.hpp>
#include <tallycast/base/time.hpp>
#include <tallycast/domain/ballot.hpp>
#include <tallycast/domain/event.hpp>
#include <tallycast/domain/poll.hpp>
#include <tallycast/domain/results.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tallycast::wire {

inline constexpr std::size_t max_polls_a_message = 256;

struct auth_message {
    std::string token;
};

struct subscribe_message {
    std::vector<base::poll_id> polls;
    bool all = false;  // "polls":"all"
    double max_hz = 10;
};

struct unsubscribe_message {
    std::vector<base::poll_id> polls;
    bool all = false;
};

struct vote_message {
    std::string id;  // the idempotency key, and the answer's name
    base::poll_id poll;
    domain::ballot_form form;
};

struct ping_message {
    std::string id;
};

using client_message =
    std::variant<auth_message, subscribe_message, unsubscribe_message, vote_message, ping_message>;

class client_message_reader {
public:
    client_message_reader() = default;
    client_message_reader(const client_message_reader&) = delete;
    client_message_reader& operator=(const client_message_reader&) = delete;

    // A vote's form is valid until the next read and as long as `json` is. malformed_json,
    // unknown_field, invalid_request; invalid_ballot for more than 64 choices.
    base::result<client_message> read(std::string_view json);

    // The id of the message read last, if it had a good one: a refused vote is answered by its name
    // too.
    std::string_view id() const noexcept { return id_; }

private:
    std::array<std::byte, 2048> first_;
    std::pmr::monotonic_buffer_resource arena_{first_.data(), first_.size()};
    std::pmr::vector<std::string_view> strings_{&arena_};
    std::string id_;
};

// `polls` are of write_poll. Without a voter: null.
std::string write_welcome(const domain::event& event, std::span<const std::string> polls,
                          std::optional<base::voter_number> voter, base::wall_time server_time);

// The members of write_poll beside "type":"poll"; the poll's own type is "poll_type" here.
std::string write_poll_message(const domain::poll& poll);

// What the operator tells everybody who watches; an empty text takes it back.
std::string write_notice(std::string_view text);

std::string write_poll_removed(const base::poll_id& poll);

std::string write_results_message(const domain::results& results, base::wall_time server_time);

std::string write_ack(std::string_view id, std::string_view status, std::string_view receipt,
                      const base::poll_id& poll, std::uint32_t round, base::wall_time at);

// `id` is that of the message refused; left out when empty.
std::string write_live_error(std::string_view id, const base::failure& f);

std::string write_pong(std::string_view id, base::wall_time server_time);

}  // namespace tallycast::wire
