// What a client says on a live connection: never taken where another parser finds no JSON, always
// within the bounds it promises, and answered by JSON.

#include <tallycast/wire/live_message.hpp>

#include <fuzz/expect.hpp>
#include <fuzz/json_oracle.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

using namespace tallycast;
using fuzz::expect;

namespace {

constexpr std::size_t longest_message_id = 64;

bool is_id(std::string_view id, std::size_t longest) {
    return !id.empty() && id.size() <= longest &&
           std::all_of(id.begin(), id.end(), [](char c) { return c > ' ' && c < 0x7F; });
}

struct checker {
    const nlohmann::json& json;

    void polls(const std::vector<base::poll_id>& polls, bool all) const {
        expect(all ? json.at("polls") == "all" && polls.empty()
                   : polls.size() == json.at("polls").size(),
               "the polls are those sent");
        expect(polls.size() <= wire::max_polls_a_message, "the polls of a message are bounded");
        for (const auto& poll : polls)
            expect(is_id(poll.str(), base::id_max_length), "a poll's id is one");
    }
    void operator()(const wire::auth_message& m) const {
        expect(json.at("type") == "auth" && json.at("token") == m.token, "auth is read as sent");
    }
    void operator()(const wire::subscribe_message& m) const {
        expect(json.at("type") == "subscribe" && m.max_hz >= 0.1 && m.max_hz <= 20,
               "subscribe is within its bounds");
        polls(m.polls, m.all);
    }
    void operator()(const wire::unsubscribe_message& m) const {
        expect(json.at("type") == "unsubscribe", "unsubscribe is read as sent");
        polls(m.polls, m.all);
    }
    void operator()(const wire::vote_message& m) const {
        expect(
            json.at("type") == "vote" && json.at("id") == m.id && json.at("poll") == m.poll.str(),
            "vote is read as sent");
        expect(is_id(m.id, longest_message_id) && is_id(m.poll.str(), base::id_max_length),
               "a vote's ids are ids");
        expect(m.form.has_choices != m.form.rating.has_value(), "a vote has one form");
        expect(m.form.choices.size() <= domain::max_options, "a vote's choices are bounded");
        expect(m.form.revision == json.value("revision", std::int64_t{0}), "so is its revision");
        if (!m.form.has_choices) return;
        expect(m.form.choices.size() == json.at("choices").size(), "all choices are read");
        for (std::size_t i = 0; i < m.form.choices.size(); ++i) {
            expect(json["choices"][i].get_ref<const std::string&>() == m.form.choices[i],
                   "each choice is read as sent");
        }
    }
    void operator()(const wire::ping_message& m) const {
        expect(json.at("type") == "ping" && json.at("id") == m.id, "ping is read as sent");
    }
};

void expect_json(const std::string& answer) {
    expect(fuzz::parsed_by_another(answer).has_value(), "an answer is JSON");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    static wire::client_message_reader reader;
    const auto message = reader.read(text);
    expect(reader.id().empty() || is_id(reader.id(), longest_message_id),
           "an id that is repeated in an answer is one");
    if (!message) {
        expect_json(wire::write_live_error(reader.id(), message.error()));
        return 0;
    }
    expect_json(wire::write_pong(reader.id(), base::wall_time{}));
    const auto json = fuzz::parsed_by_another(text);
    expect(json && json->is_object(), "what is taken is a JSON object");
    std::visit(checker{*json}, *message);
    return 0;
}
