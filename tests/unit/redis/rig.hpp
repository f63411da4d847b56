#pragma once
// An executor that a test turns by hand, until what it waits for has come or its time is over.

#include <redis/client.hpp>

#include <support/redis_server.hpp>
#include <support/store_fixture.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace tallycast::test {

using namespace std::chrono_literals;

// Keeps what was said, so that a failed test can show it.
class kept_log final : public ports::log {
public:
    bool enabled(ports::severity) const override { return true; }
    void write(ports::severity, std::string_view message,
               std::initializer_list<field> fields) override {
        text_ += message;
        for (const auto& [name, value] : fields)
            text_.append(" ").append(name).append("=").append(value);
        text_ += '\n';
    }
    bool says(std::string_view words) const { return text_.find(words) != text_.npos; }
    const std::string& text() const { return text_; }

private:
    std::string text_;
};

class redis_rig : public ::testing::Test {
protected:
    static constexpr auto patience = 30s;
    using outcome = redis::call_result<redis::replies>;

    void TearDown() override {
        client_.reset();
        if (HasFailure()) std::fprintf(stderr, "%s", log_.text().c_str());
    }

    void connect(const std::string& url, std::string library = {},
                 redis::greeter* first_words = nullptr) {
        client_.emplace(io_.get_executor(), redis::parse_deployment(url).value(), options_,
                        std::move(library), meter_, log_, first_words);
        client_->start();
    }

    template <class Condition>
    bool eventually(Condition holds, std::chrono::milliseconds within = patience) {
        const auto until = std::chrono::steady_clock::now() + within;
        while (!holds()) {
            if (std::chrono::steady_clock::now() > until) return false;
            io_.restart();
            io_.run_one_for(10ms);
        }
        return true;
    }

    // A call under way; its outcome is there once it has ended.
    using pending = std::shared_ptr<std::optional<outcome>>;
    pending begin(redis::pipeline what, std::chrono::milliseconds deadline = 5s,
                  redis::slot at = 0) {
        auto ended = std::make_shared<std::optional<outcome>>();
        auto work = client_->call(at, std::move(what), deadline);
        boost::asio::co_spawn(io_, std::move(work),
                              [ended](std::exception_ptr thrown, outcome got) {
                                  if (thrown) std::rethrow_exception(thrown);
                                  ended->emplace(std::move(got));
                              });
        return ended;
    }
    outcome end(const pending& call) {
        if (!eventually([&] { return call->has_value(); })) throw std::runtime_error("no end");
        return std::move(**call);
    }
    outcome call(redis::pipeline what, std::chrono::milliseconds deadline = 5s,
                 redis::slot at = 0) {
        return end(begin(std::move(what), deadline, at));
    }
    // The first reply's text, or what went wrong.
    std::string said(redis::pipeline what, std::chrono::milliseconds deadline = 5s,
                     redis::slot at = 0) {
        auto got = call(std::move(what), deadline, at);
        if (!got) return "failed: " + got.error().detail;
        const auto& first = got->front();
        return first.what == redis::reply::kind::integer ? std::to_string(first.number)
                                                         : first.text;
    }
    bool becomes_ready() {
        return eventually([&] { return client_->ready(); });
    }

    boost::asio::io_context io_{1};
    counting_meter meter_;
    kept_log log_;
    redis::client_options options_;
    std::optional<redis::client> client_;
};

inline redis::pipeline one(redis::command c) {
    redis::pipeline made;
    made.push_back(std::move(c));
    return made;
}

}  // namespace tallycast::test
