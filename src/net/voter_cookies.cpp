#include <tallycast/net/voter_cookies.hpp>

#include <algorithm>

namespace tallycast::net {

namespace {

constexpr std::string_view general = "tallycast_voter";
constexpr std::string_view of_an_event = "tallycast_voter_";

struct cookie {
    std::string_view name;
    std::string_view value;
};

// Takes the first cookie off a Cookie field that is not at its end.
cookie take_cookie(std::string_view& cookies) {
    const auto end = std::min(cookies.find(';'), cookies.size());
    auto one = cookies.substr(0, end);
    cookies.remove_prefix(std::min(end + 1, cookies.size()));
    one.remove_prefix(std::min(one.find_first_not_of(' '), one.size()));
    const auto sign = std::min(one.find('='), one.size());
    return {one.substr(0, sign), one.substr(std::min(sign + 1, one.size()))};
}

// Names go into an answer's header only when they are as we make them.
bool names_an_event(std::string_view name) {
    const auto id = name.substr(std::min(of_an_event.size(), name.size()));
    return name.starts_with(of_an_event) && !id.empty() && id.size() <= base::id_max_length &&
           std::ranges::all_of(id, [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '-' || c == '_';
           });
}

// The cookie that makes room for one named `to_come`. Browsers send the oldest first (RFC 6265,
// 5.4).
std::string_view one_too_many(std::string_view cookies, std::string_view to_come) {
    std::string_view oldest;
    std::size_t others = 0;
    while (!cookies.empty()) {
        const auto name = take_cookie(cookies).name;
        if (!names_an_event(name) || name == to_come) continue;
        if (others++ == 0) oldest = name;
    }
    return others >= max_voter_cookies ? oldest : std::string_view{};
}

}  // namespace

std::string_view voter_cookie_in(std::string_view cookies) {
    while (!cookies.empty())
        if (const auto one = take_cookie(cookies); one.name == general) return one.value;
    return {};
}

std::string_view voter_cookie_in(std::string_view cookies, const base::event_id& event) {
    for (auto left = cookies; !left.empty();) {
        const auto one = take_cookie(left);
        if (one.name.starts_with(of_an_event) &&
            one.name.substr(of_an_event.size()) == event.str() && !one.value.empty())
            return one.value;
    }
    return voter_cookie_in(cookies);
}

std::string set_voter_cookies(const new_voter_cookie& voter, std::string_view cookies) {
    std::string lines;
    const auto set = [&](std::string_view name, std::string_view value, std::chrono::seconds life) {
        lines.append("Set-Cookie: ").append(name).append("=").append(value);
        lines.append("; Path=/; HttpOnly; SameSite=Lax; Max-Age=");
        lines.append(std::to_string(life.count())).append(voter.secure ? "; Secure\r\n" : "\r\n");
    };
    const auto own = std::string(of_an_event) + voter.event.str();
    set(general, voter.token, voter.life);
    set(own, voter.token, voter.life);
    if (const auto gone = one_too_many(cookies, own); !gone.empty())
        set(gone, {}, std::chrono::seconds{0});
    return lines;
}

}  // namespace tallycast::net
