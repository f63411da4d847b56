#include <tallycast/wire/live_message.hpp>

#include <tallycast/wire/host_json.hpp>
#include <tallycast/wire/problem.hpp>
#include <tallycast/wire/results_json.hpp>

#include "ballot_members.hpp"
#include "failure_members.hpp"
#include "plain_text.hpp"
#include "poll_members.hpp"

#include <utility>

namespace tallycast::wire {

namespace {

constexpr double least_hz = 0.1;
constexpr double most_hz = 20;

base::failure refused(std::string why) { return {base::errc::invalid_request, std::move(why)}; }

base::result<std::string_view> text_of(const flat_object& from, std::string_view name) {
    const auto* member = from.find(name);
    if (member == nullptr || member->kind != flat_kind::text)
        return refused(std::string(name) + ": a string is expected.");
    return member->text;
}

base::result<std::string> message_id_of(const flat_object& from) {
    const auto id = text_of(from, "id");
    if (!id) return id.error();
    if (!is_key(*id)) return refused("id: 1 to 64 visible ASCII characters.");
    return std::string(*id);
}

template <class Message>
base::result<void> read_polls(const flat_object& from, Message& into) {
    const auto* polls = from.find("polls");
    if (polls != nullptr && polls->kind == flat_kind::text && polls->text == "all") {
        into.all = true;
        return {};
    }
    if (polls == nullptr || polls->kind != flat_kind::strings)
        return refused("polls: a list of ids, or \"all\".");
    if (polls->count > max_polls_a_message) return refused("polls: at most 256 in one message.");
    for (const auto id : from.strings_of(*polls)) {
        if (!is_id(id)) return refused("polls: each is an id of at most 32 URL-safe characters.");
        into.polls.emplace_back(id);
    }
    return {};
}

base::result<client_message> read_auth(const flat_object& from) {
    if (const auto known = from.must_have_only({"type", "token"}); !known) return known.error();
    const auto token = text_of(from, "token");
    if (!token) return token.error();
    return auth_message{std::string(*token)};
}

base::result<client_message> read_subscribe(const flat_object& from) {
    if (const auto known = from.must_have_only({"type", "polls", "max_hz"}); !known)
        return known.error();
    subscribe_message message;
    if (const auto polls = read_polls(from, message); !polls) return polls.error();
    if (const auto* hz = from.find("max_hz"); hz != nullptr) {
        const bool is_number = hz->kind == flat_kind::integer || hz->kind == flat_kind::real;
        if (!is_number || !(hz->real >= least_hz && hz->real <= most_hz))
            return refused("max_hz: a number from 0.1 to 20.");
        message.max_hz = hz->real;
    }
    return message;
}

base::result<client_message> read_unsubscribe(const flat_object& from) {
    if (const auto known = from.must_have_only({"type", "polls"}); !known) return known.error();
    unsubscribe_message message;
    if (const auto polls = read_polls(from, message); !polls) return polls.error();
    return message;
}

base::result<client_message> read_vote(const flat_object& from) {
    const auto known = from.must_have_only({"type", "id", "poll", "choices", "rating", "revision"});
    if (!known) return known.error();
    auto id = message_id_of(from);
    if (!id) return id.error();
    const auto poll = text_of(from, "poll");
    if (!poll) return poll.error();
    if (!is_id(*poll)) return refused("poll: an id is expected.");
    const auto form = read_ballot(from);
    if (!form) return form.error();
    return vote_message{std::move(*id), base::poll_id{*poll}, *form};
}

base::result<client_message> read_ping(const flat_object& from) {
    if (const auto known = from.must_have_only({"type", "id"}); !known) return known.error();
    auto id = message_id_of(from);
    if (!id) return id.error();
    return ping_message{std::move(*id)};
}

}  // namespace

base::result<client_message> client_message_reader::read(std::string_view json) {
    start_over(arena_, strings_);
    id_.clear();
    flat_object message{strings_, max_polls_a_message};
    if (const auto read = message.read(json); !read) return read.error();
    if (const auto id = message_id_of(message)) id_ = *id;
    const auto type = text_of(message, "type");
    if (!type) return type.error();
    if (*type == "vote") return read_vote(message);
    if (*type == "subscribe") return read_subscribe(message);
    if (*type == "unsubscribe") return read_unsubscribe(message);
    if (*type == "auth") return read_auth(message);
    if (*type == "ping") return read_ping(message);
    return refused("type: auth, subscribe, unsubscribe, vote or ping.");
}

std::string write_welcome(const domain::event& event, std::span<const std::string> polls,
                          std::optional<base::voter_number> voter, base::wall_time server_time) {
    std::string out;
    object_writer to{out};
    to.text("type", "welcome").raw("event", write_event(event)).array("polls", polls);
    voter ? to.number("voter", voter->value) : to.null("voter");
    to.time("server_time", server_time).close();
    return out;
}

std::string write_poll_message(const domain::poll& poll) {
    std::string out;
    object_writer to{out};
    to.text("type", "poll");
    append_members(to, poll, "poll_type");
    to.close();
    return out;
}

std::string write_notice(std::string_view text) {
    std::string out;
    object_writer to{out};
    to.text("type", "notice").text("text", text).close();
    return out;
}

std::string write_poll_removed(const base::poll_id& poll) {
    std::string out;
    object_writer to{out};
    to.text("type", "poll_removed").text("poll", poll.str()).close();
    return out;
}

std::string write_results_message(const domain::results& results, base::wall_time server_time) {
    std::string out = R"({"type":"results",)";
    const auto brace = out.size();
    append_results(out, results, server_time);
    out.erase(brace, 1);
    return out;
}

std::string write_ack(std::string_view id, std::string_view status, std::string_view receipt,
                      const base::poll_id& poll, std::uint32_t round, base::wall_time at) {
    std::string out;
    object_writer to{out};
    to.text("type", "ack").text("id", id).text("status", status).text("receipt", receipt);
    to.text("poll", poll.str()).number("round", round).time("at", at).close();
    return out;
}

std::string write_live_error(std::string_view id, const base::failure& f) {
    std::string out;
    object_writer to{out};
    to.text("type", "error");
    if (!id.empty()) to.text("id", id);
    to.text("code", problem_of(f.code).name);
    append_members(to, f);
    to.close();
    return out;
}

std::string write_pong(std::string_view id, base::wall_time server_time) {
    std::string out;
    object_writer to{out};
    to.text("type", "pong").text("id", id).time("server_time", server_time).close();
    return out;
}

}  // namespace tallycast::wire
