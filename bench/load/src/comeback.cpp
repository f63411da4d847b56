#include <tallycast/load/comeback.hpp>

#include <tallycast/load/json_scan.hpp>

#include <algorithm>

namespace tallycast::load {

namespace {

constexpr double first_wait_ms = 500;
constexpr double longest_wait_ms = 15'000;
constexpr unsigned most_doublings = 5;  // past the longest wait

}  // namespace

parting read_close(std::string_view payload) {
    parting how;
    if (payload.size() < 2) return how;
    how.code = static_cast<std::uint16_t>(static_cast<unsigned char>(payload[0]) << 8 |
                                          static_cast<unsigned char>(payload[1]));
    if (const auto within = number_member(payload.substr(2), "reconnect_ms")) {
        how.says = parting::advice::within;
        how.time = std::chrono::milliseconds(*within);
    } else if (const auto after = number_member(payload.substr(2), "retry_after_ms")) {
        how.says = parting::advice::after;
        how.time = std::chrono::milliseconds(*after);
    }
    return how;
}

std::chrono::milliseconds comeback_wait(const parting& how, unsigned failures, double random) {
    const auto advised = static_cast<double>(how.time.count());
    double wait = 0;
    switch (how.says) {
        case parting::advice::within: wait = random * advised; break;
        case parting::advice::after: wait = advised * (1 + random / 4); break;
        case parting::advice::none:
            wait = std::min(longest_wait_ms,
                            first_wait_ms * (1u << std::min(failures, most_doublings))) *
                   (0.5 + random / 2);
            break;
    }
    return std::chrono::milliseconds(static_cast<std::int64_t>(wait));
}

}  // namespace tallycast::load
