#pragma once
// One connection that speaks HTTP: reads requests into one buffer, answers them in order, and ends
// or becomes a live session. Pipelined requests are answered with as few writes as their answers
// allow.

#include <tallycast/net/client_stream.hpp>
#include <tallycast/net/connection.hpp>
#include <tallycast/net/exchange.hpp>
#include <tallycast/net/io_core.hpp>
#include <tallycast/net/receive_buffer.hpp>
#include <tallycast/net/request_parser.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>

#include <span>
#include <string>

namespace tallycast::net {

class http_session final : public connection {
public:
    http_session(io_core& core, client_stream stream, std::span<const route> routes);
    ~http_session() override;

    // Until the connection ends, or has become a live session.
    boost::asio::awaitable<void> run();

    void expire() override;
    void send_away(base::milliseconds come_back_within) override;

private:
    enum class next { go_on, close, taken_over };

    boost::asio::awaitable<bool> shake_hands();
    void say_continue();
    boost::asio::mutable_buffer room_to_read();
    void arm_read_deadline();
    boost::asio::awaitable<next> answer_request();
    void note_request(const exchange& x, const response& answer, base::mono_time began);
    std::optional<base::trace_context> trace_of(const request& req) const;
    void note_span(const exchange& x, response& answer, base::mono_time began);
    response_head head_of(const exchange& x, const response& answer, std::string_view extra,
                          bool keep);
    void append(const exchange& x, const response& answer, bool keep);
    boost::asio::awaitable<bool> stream_body(exchange& x, response& answer, bool keep);
    boost::asio::awaitable<void> refuse(const guard_verdict& verdict);
    bool written_at_once();
    void forget_written();
    boost::asio::awaitable<bool> flush();
    boost::asio::awaitable<void> linger();
    void become(const exchange& x, takeover what);
    std::string request_id_of(const request& req);
    boost::asio::ip::address client_of(const request& req) const;
    bool cookies_secure(const request& req) const;

    io_core& core_;
    client_stream stream_;
    boost::asio::ip::address peer_;
    std::span<const route> routes_;
    request_parser parser_;
    domain::token_bucket bucket_;
    receive_buffer in_;
    std::string out_;  // answers not yet written
    base::mono_time request_began_{};
    bool mid_request_ = false;  // bytes of a request have come and its answer has not gone
    bool draining_ = false;
    bool served_ = false;  // at least one request was answered
};

}  // namespace tallycast::net
