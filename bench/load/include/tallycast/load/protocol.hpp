#pragma once
// One connection's conversation as a state machine without I/O: what to send, and what the bytes
// that came in mean. One question is under way at a time.

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace tallycast::load {

// What every question of a run has in common.
struct stage {
    std::string authority;  // the Host field
    std::string code;       // of the event
    std::string event;
    std::string poll;
};

struct question {
    enum class kind { join, vote, raw };
    kind what = kind::join;
    std::string_view token;   // vote
    std::string_view key;     // vote: the idempotency key
    std::string_view choice;  // vote: an option's id
    std::string_view bytes;   // raw: a whole request
};

// The views are good until the protocol is fed again.
struct answer {
    int status = 0;  // HTTP's; over WebSocket 200 for an ack, else the status of the same code
    std::string_view word;  // a vote's status, or a problem's code
    std::string_view receipt;
    std::string_view body;
    std::optional<std::chrono::milliseconds> retry_after;
    bool advised = false;  // a refusal: says when to come back where a stranger looks for it
};

enum class event { need_more, ready, answered, broken };

struct step {
    load::event what = load::event::need_more;
    answer reply;         // answered
    bool closes = false;  // answered: the server ends the connection after this
};

class protocol {
public:
    virtual ~protocol() = default;

    // A new connection is up: forgets the one before and appends what is sent first.
    // True: questions may follow at once. False: wait for event::ready.
    virtual bool begin(std::string& out) = 0;
    virtual void ask(const question& what, std::string& out) = 0;
    // Takes one thing off the front of `in`; may append to `out`. Call again until need_more.
    virtual step consume(std::string& in, std::string& out) = 0;
};

std::unique_ptr<protocol> make_http_protocol(const stage& where);
std::unique_ptr<protocol> make_live_protocol(const stage& where);

}  // namespace tallycast::load
