#include <tallycast/load/protocol.hpp>

#include <tallycast/load/http_reply.hpp>
#include <tallycast/load/json_scan.hpp>
#include <tallycast/load/ws_frame.hpp>

namespace tallycast::load {

namespace {

// The status the same code has over HTTP, as far as it decides whether a ballot is sent again.
int status_of(std::string_view code) {
    if (code == "rate_limited") return 429;
    if (code == "overloaded" || code == "store_unavailable" || code == "shutting_down") return 503;
    if (code == "internal") return 500;
    return 400;
}

// Upgrade, wait for the welcome, then for each ballot: become its voter, vote, wait for the ack
// that carries its key. Everything else the node says is of no interest here.
class live_protocol final : public protocol {
public:
    explicit live_protocol(const stage& where)
        : poll_(where.poll),
          upgrade_(upgrade_request(where.authority, "/v1/events/" + where.event + "/live",
                                   "tallycast.v1")) {}

    bool begin(std::string& out) override {
        phase_ = phase::upgrading;
        message_.clear();
        key_.clear();
        token_.clear();
        out.append(upgrade_);
        return false;
    }

    void ask(const question& what, std::string& out) override {
        key_.assign(what.key);
        vote_ = R"({"type":"vote","id":")" + key_ + R"(","poll":")" + poll_ + R"(","choices":[")" +
                std::string(what.choice) + R"("]})";
        if (token_ == what.token) return send(vote_, out);
        token_.assign(what.token);
        phase_ = phase::becoming;
        send(R"({"type":"auth","token":")" + token_ + R"("})", out);
    }

    step consume(std::string& in, std::string& out) override {
        if (phase_ == phase::upgrading && !read_upgrade(in)) {
            step next;
            next.what = refused_ ? event::broken : event::need_more;
            return next;
        }
        step next;
        while (next.what == event::need_more) {
            const auto got = take_frame(in, frame_);
            if (got == ws_progress::need_more) break;
            if (got == ws_progress::broken) next.what = event::broken;
            if (got == ws_progress::complete) next = read_frame(out);
        }
        return next;
    }

private:
    enum class phase { upgrading, greeting, becoming, talking };

    void send(std::string_view text, std::string& out) {
        mask_ = mask_ * 1664525u + 1013904223u;
        append_masked(out, ws_opcode::text, text, mask_);
    }

    bool read_upgrade(std::string& in) {
        http_reply reply;
        const auto got = take_reply_head(in, reply);
        refused_ = got == reply_progress::broken ||
                   (got == reply_progress::complete && reply.status != 101);
        if (refused_ || got == reply_progress::need_more) return false;
        phase_ = phase::greeting;
        return true;
    }

    step read_frame(std::string& out) {
        step next;
        switch (frame_.opcode) {
            case ws_opcode::ping: append_masked(out, ws_opcode::pong, frame_.payload, mask_); break;
            case ws_opcode::pong: break;
            case ws_opcode::close:
            case ws_opcode::binary: next.what = event::broken; break;
            case ws_opcode::text: message_.clear(); [[fallthrough]];
            case ws_opcode::continuation:
                message_.append(frame_.payload);
                if (message_.size() > max_ws_payload) next.what = event::broken;
                else if (frame_.final) next = read_message(out);
                break;
        }
        return next;
    }

    step read_message(std::string& out) {
        step next;
        const auto type = text_member(message_, "type").value_or("");
        if (type == "welcome") {
            if (phase_ == phase::greeting) next.what = event::ready;
            if (phase_ == phase::becoming) send(vote_, out);
            phase_ = phase::talking;
            return next;
        }
        if (key_.empty() || (type != "ack" && type != "error")) return next;
        // An error without an id is about the auth, or refuses a message unread.
        const auto id = text_member(message_, "id");
        if (id ? *id != key_ : type == "ack") return next;
        next.what = event::answered;
        next.reply = type == "ack" ? read_ack() : read_error();
        key_.clear();
        if (phase_ == phase::becoming) token_.clear();
        return next;
    }

    answer read_ack() const {
        answer found;
        found.status = 200;
        found.body = message_;
        found.word = text_member(message_, "status").value_or("");
        found.receipt = text_member(message_, "receipt").value_or("");
        return found;
    }

    answer read_error() const {
        answer found;
        found.body = message_;
        found.word = text_member(message_, "code").value_or("");
        found.status = status_of(found.word);
        if (const auto wait = number_member(message_, "retry_after_ms")) {
            found.retry_after = std::chrono::milliseconds(*wait);
            found.advised = true;
        }
        return found;
    }

    std::string poll_;
    std::string upgrade_;
    phase phase_ = phase::upgrading;
    bool refused_ = false;
    std::string token_;    // whom the node takes this connection for
    std::string key_;      // of the ballot under way
    std::string vote_;     // its message
    std::string message_;  // joined from its fragments
    ws_frame frame_;
    std::uint32_t mask_ = 0x2545f491;
};

}  // namespace

std::unique_ptr<protocol> make_live_protocol(const stage& where) {
    return std::make_unique<live_protocol>(where);
}

}  // namespace tallycast::load
