#pragma once
// A call on its way: made on the caller's executor, carried out on the store's thread, and resumed
// on the caller's executor with its answer. asked<> holds the three together for one kind of call.

#include <tallycast/base/error.hpp>
#include <tallycast/base/time.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/system_executor.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace tallycast::embedded {

class ballot_desk;
class host_desk;
class state;

struct desks {
    ballot_desk& ballots;
    host_desk& host;
    state& live;
};

enum class command_kind : std::uint8_t {
    votes = 1,  // decided in memory, answered after the batch is written
    read,       // carried out when everything before it is written
    write,      // a transaction of its own
};

class command {
public:
    explicit command(command_kind kind) : kind_(kind) {}
    virtual ~command() = default;
    command(const command&) = delete;
    command& operator=(const command&) = delete;

    command_kind kind() const noexcept { return kind_; }
    const boost::asio::any_io_executor& home() const noexcept { return home_; }

    virtual void carry_out(const desks& at, base::wall_time now) = 0;
    virtual void fail(const base::failure& why) = 0;  // in place of whatever the answer was
    virtual void resume() = 0;                        // at home, once, with an answer

protected:
    // Keeps the caller's context running until the command is gone.
    void set_home(const boost::asio::any_io_executor& executor) {
        namespace execution = boost::asio::execution;
        home_ = boost::asio::prefer(executor, execution::outstanding_work.tracked);
    }

private:
    command_kind kind_;
    boost::asio::any_io_executor home_;
};

using command_ptr = std::unique_ptr<command>;

template <class Value, class Work, class Handler>
class asked final : public command {
public:
    asked(command_kind kind, Work work, Handler handler)
        : command(kind), work_(std::move(work)), handler_(std::move(handler)) {
        set_home(boost::asio::get_associated_executor(handler_, boost::asio::system_executor()));
    }

    void carry_out(const desks& at, base::wall_time now) override {
        answer_.emplace(work_(at, now));
    }
    void fail(const base::failure& why) override { answer_.emplace(why); }
    void resume() override {
        auto handler = std::move(handler_);
        handler(std::move(*answer_));
    }

private:
    Work work_;
    Handler handler_;
    std::optional<base::result<Value>> answer_;
};

// Posts each command to its home, one post for all of the same home.
void send_home(std::vector<command_ptr> answered);

}  // namespace tallycast::embedded
