#include <tallycast/load/protocol.hpp>

#include <tallycast/load/http_reply.hpp>
#include <tallycast/load/json_scan.hpp>

#include <initializer_list>

namespace tallycast::load {

namespace {

void append(std::string& out, std::initializer_list<std::string_view> parts) {
    for (const auto part : parts) out.append(part);
}

// Everything that does not change from vote to vote is put together once.
class http_protocol final : public protocol {
public:
    explicit http_protocol(const stage& where)
        : join_request_(make_join(where)),
          vote_head_("POST /v1/polls/" + where.poll +
                     "/votes HTTP/1.1\r\nHost: " + where.authority +
                     "\r\nContent-Type: application/json\r\nAuthorization: Bearer ") {}

    bool begin(std::string&) override { return true; }

    void ask(const question& what, std::string& out) override {
        switch (what.what) {
            case question::kind::join: out.append(join_request_); break;
            case question::kind::raw: out.append(what.bytes); break;
            case question::kind::vote: append_vote(what, out); break;
        }
    }

    step consume(std::string& in, std::string&) override {
        step next;
        if (in.empty()) return next;
        switch (take_reply(in, reply_)) {
            case reply_progress::need_more: break;
            case reply_progress::broken: next.what = event::broken; break;
            case reply_progress::complete:
                if (reply_.status < 200) return consume_interim();
                next.what = event::answered;
                next.closes = reply_.closes;
                next.reply = read_answer();
                break;
        }
        return next;
    }

private:
    static std::string make_join(const stage& where) {
        const std::string body = R"({"code":")" + where.code + R"("})";
        return "POST /v1/join HTTP/1.1\r\nHost: " + where.authority +
               "\r\nContent-Type: application/json\r\nContent-Length: " +
               std::to_string(body.size()) + "\r\n\r\n" + body;
    }

    void append_vote(const question& what, std::string& out) const {
        constexpr std::string_view before = R"({"choices":[")";
        constexpr std::string_view after = R"("]})";
        const auto length = std::to_string(before.size() + what.choice.size() + after.size());
        append(out, {vote_head_, what.token, "\r\nIdempotency-Key: ", what.key,
                     "\r\nContent-Length: ", length, "\r\n\r\n", before, what.choice, after});
    }

    // Nothing was asked that an interim reply could answer.
    static step consume_interim() {
        step next;
        next.what = event::broken;
        return next;
    }

    answer read_answer() const {
        answer found;
        found.status = reply_.status;
        found.body = reply_.body;
        const bool good = reply_.status == 200;
        if (const auto word = text_member(reply_.body, good ? "status" : "code"))
            found.word = *word;
        if (good) found.receipt = text_member(reply_.body, "receipt").value_or("");
        found.advised = reply_.retry_after_s.has_value();
        if (reply_.status == 429 || reply_.status == 503) {
            if (const auto exact = number_member(reply_.body, "retry_after_ms")) {
                found.retry_after = std::chrono::milliseconds(*exact);
            } else if (reply_.retry_after_s) {
                found.retry_after = std::chrono::seconds(*reply_.retry_after_s);
            }
        }
        return found;
    }

    std::string join_request_;
    std::string vote_head_;
    http_reply reply_;
};

}  // namespace

std::unique_ptr<protocol> make_http_protocol(const stage& where) {
    return std::make_unique<http_protocol>(where);
}

}  // namespace tallycast::load
