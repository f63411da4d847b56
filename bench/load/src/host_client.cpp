#include <tallycast/load/host_client.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <thread>

namespace tallycast::load {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

namespace {

constexpr std::chrono::seconds longest_exchange{60};  // an export of a million rows fits in it
constexpr std::chrono::milliseconds between_attempts{200};
constexpr std::uint64_t largest_reply = 4ull << 30;

using request = http::request<http::string_body>;
using reply_parser = http::response_parser<http::string_body>;

asio::awaitable<void> exchange(beast::tcp_stream& stream, asio::ip::tcp::endpoint node,
                               request& what, reply_parser& parser) {
    stream.expires_after(longest_exchange);
    co_await stream.async_connect(node, asio::use_awaitable);
    co_await http::async_write(stream, what, asio::use_awaitable);
    beast::flat_buffer buffer;
    co_await http::async_read(stream, buffer, parser, asio::use_awaitable);
}

nlohmann::json poll_wish(std::uint32_t choices, bool allow_change) {
    nlohmann::json options = nlohmann::json::array();
    for (std::uint32_t i = 0; i < choices; ++i) {
        const std::string letter(1, static_cast<char>('a' + i));
        options.push_back({{"id", letter}, {"label", "Option " + letter}});
    }
    return {{"type", "single"},
            {"question", "Which one?"},
            {"options", options},
            {"rules", {{"allow_change", allow_change}}}};
}

}  // namespace

host_client::host_client(std::vector<asio::ip::tcp::endpoint> nodes, std::string authority,
                         std::string host_key, std::chrono::seconds patience)
    : nodes_(std::move(nodes)),
      authority_(std::move(authority)),
      host_key_(std::move(host_key)),
      patience_(patience) {}

host_client::reply host_client::attempt(const std::string& method, const std::string& target,
                                        const std::string& body) {
    request what;
    what.method_string(method);
    what.target(target);
    what.version(11);
    what.keep_alive(false);
    what.set(http::field::host, authority_);
    what.set(http::field::authorization, "Bearer " + host_key_);
    if (!body.empty()) what.set(http::field::content_type, "application/json");
    what.body() = body;
    what.prepare_payload();
    reply_parser parser;
    parser.body_limit(largest_reply);
    asio::io_context io(1);
    beast::tcp_stream stream(io);
    auto done = asio::co_spawn(io, exchange(stream, nodes_[at_], what, parser), asio::use_future);
    io.run();
    done.get();
    return {static_cast<int>(parser.get().result_int()), std::move(parser.get().body())};
}

std::string host_client::insist(const std::string& method, const std::string& target,
                                const nlohmann::json& body) {
    const auto deadline = std::chrono::steady_clock::now() + patience_;
    const std::string text = body.is_null() ? std::string() : body.dump();
    for (;;) {
        std::string trouble;
        try {
            const auto got = attempt(method, target, text);
            if (got.status >= 200 && got.status < 300) return got.body;
            trouble = "HTTP " + std::to_string(got.status) + " " + got.body.substr(0, 300);
            const bool open = got.status == 429 || got.status >= 500;
            if (!open) throw host_error(method + " " + target + ": " + trouble);
        } catch (const boost::system::system_error& error) {
            trouble = error.code().message();
        }
        if (std::chrono::steady_clock::now() > deadline) {
            throw host_error(method + " " + target + ": gave up: " + trouble);
        }
        at_ = (at_ + 1) % nodes_.size();
        std::this_thread::sleep_for(between_attempts);
    }
}

nlohmann::json host_client::insist_json(const std::string& method, const std::string& target,
                                        const nlohmann::json& body) {
    const auto text = insist(method, target, body);
    auto parsed = nlohmann::json::parse(text, nullptr, false);
    if (!parsed.is_object())
        throw host_error(method + " " + target + ": the reply is no JSON object");
    return parsed;
}

staged_poll host_client::stage(std::uint32_t choices, bool allow_change, const std::string& title) {
    auto made = make_event(title);
    open_poll(made, choices, allow_change);
    return made;
}

staged_poll host_client::make_event(const std::string& title) {
    const auto event = insist_json("POST", "/v1/events", {{"title", title}});
    try {
        staged_poll made;
        made.event = event.at("id").get<std::string>();
        made.code = event.at("code").get<std::string>();
        return made;
    } catch (const nlohmann::json::exception& error) {
        throw host_error(std::string("the node's event is not of the agreed form: ") +
                         error.what());
    }
}

void host_client::open_poll(staged_poll& in, std::uint32_t choices, bool allow_change) {
    const auto poll =
        insist_json("POST", "/v1/events/" + in.event + "/polls", poll_wish(choices, allow_change));
    try {
        in.poll = poll.at("id").get<std::string>();
        in.option_ids.clear();
        for (const auto& option : poll.at("options"))
            in.option_ids.push_back(option.at("id").get<std::string>());
    } catch (const nlohmann::json::exception& error) {
        throw host_error(std::string("the node's poll is not of the agreed form: ") + error.what());
    }
    if (in.option_ids.size() != choices)
        throw host_error("the poll has other options than asked for");
    insist("POST", "/v1/polls/" + in.poll + "/open");
}

void host_client::close_poll(const std::string& poll) {
    insist("POST", "/v1/polls/" + poll + "/close");
}

nlohmann::json host_client::final_results(const std::string& poll) {
    const auto deadline = std::chrono::steady_clock::now() + patience_;
    for (;;) {
        auto results = insist_json("GET", "/v1/polls/" + poll + "/results");
        const bool over = std::chrono::steady_clock::now() > deadline;
        const auto final_flag = results.find("final");
        if (over || (final_flag != results.end() && *final_flag == true)) return results;
        std::this_thread::sleep_for(between_attempts);
    }
}

nlohmann::json host_client::ledger(const std::string& poll) {
    return insist_json("GET", "/v1/polls/" + poll + "/ledger");
}

std::string host_client::export_csv(const std::string& poll) {
    return insist("GET", "/v1/polls/" + poll + "/export?format=csv");
}

void host_client::delete_poll(const std::string& poll) { insist("DELETE", "/v1/polls/" + poll); }

void host_client::delete_event(const std::string& event) {
    insist("DELETE", "/v1/events/" + event);
}

}  // namespace tallycast::load
