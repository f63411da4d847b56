#include <tallycast/load/place.hpp>

#include <boost/asio/io_context.hpp>

#include <sys/resource.h>

#include <algorithm>
#include <iostream>
#include <random>

namespace tallycast::load {

namespace {

using endpoint = boost::asio::ip::tcp::endpoint;

// None, with a word on stderr, when the name leads nowhere or off this machine without leave.
std::optional<endpoint> find_node(const target_address& target, bool own_target) {
    boost::asio::io_context io;
    boost::system::error_code error;
    const auto found = boost::asio::ip::tcp::resolver(io).resolve(target.host, target.port, error);
    if (error || found.empty()) {
        std::cerr << "--target: cannot find '" << target.host << "': " << error.message() << "\n";
        return std::nullopt;
    }
    const bool here = std::all_of(found.begin(), found.end(), [](const auto& each) {
        return each.endpoint().address().is_loopback();
    });
    if (!here && !own_target) {
        std::cerr << "--target: '" << target.host << "' is not this machine; load is for your own "
                  << "servers: say --i-own-this-target if it is yours\n";
        return std::nullopt;
    }
    // A name may stand for both families while the node listens on one of them.
    const auto v4 = std::find_if(found.begin(), found.end(), [](const auto& each) {
        return each.endpoint().address().is_v4();
    });
    return v4 == found.end() ? found.begin()->endpoint() : v4->endpoint();
}

}  // namespace

std::optional<endpoints> find_nodes(const common_options& from) {
    endpoints all;
    for (const auto& target : from.targets) {
        const auto node = find_node(target, from.own_target);
        if (!node) return std::nullopt;
        all.push_back(*node);
    }
    return all;
}

void raise_descriptor_limit() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

std::string fresh_key_prefix() {
    constexpr std::string_view digits = "0123456789abcdef";
    std::random_device random;
    std::string made = "b";
    for (int i = 0; i < 8; ++i) made.push_back(digits[random() % digits.size()]);
    return made + "-";
}

}  // namespace tallycast::load
