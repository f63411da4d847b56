#include "command.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>

namespace tallycast::embedded {

namespace {

struct delivery {
    boost::asio::any_io_executor home;
    std::vector<command_ptr> commands;
};

void deliver(boost::asio::any_io_executor home, std::vector<command_ptr> commands);

// Resumes them in order. When one throws, which ends its session and may leave run(), the others
// are delivered all the same.
struct arrival {
    boost::asio::any_io_executor home;
    std::vector<command_ptr> commands;

    void operator()() {
        std::size_t done = 0;
        try {
            while (done < commands.size()) commands[done++]->resume();
        } catch (...) {
            commands.erase(commands.begin(), commands.begin() + static_cast<std::ptrdiff_t>(done));
            if (!commands.empty()) deliver(home, std::move(commands));
            throw;
        }
    }
};

void deliver(boost::asio::any_io_executor home, std::vector<command_ptr> commands) {
    boost::asio::post(home, arrival{home, std::move(commands)});
}

}  // namespace

void send_home(std::vector<command_ptr> answered) {
    std::vector<delivery> deliveries;  // as many as there are I/O threads: few
    for (auto& one : answered) {
        const auto at = std::find_if(deliveries.begin(), deliveries.end(),
                                     [&](const delivery& d) { return d.home == one->home(); });
        auto& to =
            at == deliveries.end() ? deliveries.emplace_back(delivery{one->home(), {}}) : *at;
        to.commands.push_back(std::move(one));
    }
    for (auto& d : deliveries) deliver(std::move(d.home), std::move(d.commands));
}

}  // namespace tallycast::embedded
