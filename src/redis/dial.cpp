#include "dial.hpp"

#include "verdict.hpp"

#include <utility>

namespace tallycast::redis {

namespace asio = boost::asio;

namespace {

constexpr int most_loads = 3;

base::failure no_answer(const endpoint& from, const std::string& what) {
    return {base::errc::store_unavailable, to_text(from) + ": " + what};
}

command auth_command(const credentials& login) {
    command auth{"AUTH"};
    if (!login.user.empty()) auth.add(login.user);
    auth.add(login.password);
    return auth;
}

}  // namespace

bool is_refusal(const std::string& words) {
    reply said;
    said.what = reply::kind::error;
    said.text = words;
    return judge({said}, {}).what == verdict::kind::refused;
}

base::failure refused(const endpoint& by, const std::string& words) {
    std::string advice = "Redis refuses.";
    if (words.starts_with("NOPERM") || words.starts_with("ERR The user executing"))
        advice = "The user may not do what the node needs; see its ACL.";
    if (words.starts_with("NOAUTH")) advice = "Redis wants a password; name it in the address.";
    if (words.starts_with("WRONGPASS")) advice = "Redis does not know this user and password.";
    return {base::errc::unauthorised, to_text(by) + ": " + advice + " It said: " + words};
}

asio::awaitable<call_result<replies>> talk(std::shared_ptr<link> over, pipeline what,
                                           base::mono_time until) {
    auto sent = over->send(encoded(what), what.size());
    co_await link::settle(over, sent, until);
    switch (sent->is) {
        case exchange::fate::answered: co_return std::move(sent->got);
        case exchange::fate::not_sent: co_return call_failure{call_error::unavailable, over->why()};
        default:
            co_return call_failure{call_error::unknown,
                                   over->open() ? "no answer in time" : over->why()};
    }
}

asio::awaitable<call_result<replies>> talk_with_library(std::shared_ptr<link> over, pipeline what,
                                                        std::string library,
                                                        base::mono_time until) {
    for (int loads = 0;; ++loads) {
        auto got = co_await talk(over, what, until);
        if (!got || library.empty() || loads >= most_loads) co_return got;
        if (judge(*got, over->peer()).what != verdict::kind::library_missing) co_return got;
        ++over->libraries_sent;
        pipeline load;
        load.push_back(command{"FUNCTION", "LOAD", "REPLACE", library});
        const auto loaded = co_await talk(over, std::move(load), until);
        if (!loaded) co_return loaded.error();
        if (loaded->front().is_error())
            co_return call_failure{call_error::unavailable,
                                   "FUNCTION LOAD: " + loaded->front().text};
    }
}

asio::awaitable<base::result<std::shared_ptr<link>>> dial(dialling with, endpoint to) {
    const auto until = std::chrono::steady_clock::now() + with.options.connect_time;
    auto connecting = open_transport(with.executor, to, with.tls, until);
    auto stream = co_await std::move(connecting);
    if (!stream) co_return stream.error();
    auto made =
        std::make_shared<link>(with.executor, to, std::move(*stream), with.options.answer_time);
    made->start();
    if (with.login.password.empty()) co_return made;
    pipeline auth;
    auth.push_back(auth_command(with.login));
    const auto got = co_await talk(made, std::move(auth), until);
    if (got && !got->front().is_error()) co_return made;
    made->close("not let in");
    if (!got) co_return no_answer(to, got.error().detail);
    const auto& words = got->front().text;
    co_return is_refusal(words) ? refused(to, words) : no_answer(to, "AUTH: " + words);
}

}  // namespace tallycast::redis
