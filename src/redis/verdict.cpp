#include "verdict.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace tallycast::redis {

namespace {

using kind = verdict::kind;

constexpr std::array<std::pair<std::string_view, kind>, 14> by_first_word{{
    {"MOVED", kind::moved},
    {"ASK", kind::ask},
    {"TRYAGAIN", kind::try_again},
    {"CLUSTERDOWN", kind::wait_out},
    {"LOADING", kind::wait_out},
    {"MASTERDOWN", kind::wait_out},
    {"READONLY", kind::wait_out},
    {"NOREPLICAS", kind::wait_out},
    {"MISCONF", kind::wait_out},
    {"BUSY", kind::wait_out},
    {"OOM", kind::wait_out},
    {"NOAUTH", kind::refused},
    {"WRONGPASS", kind::refused},
    {"NOPERM", kind::refused},
}};

kind kind_of(std::string_view words) {
    if (words.starts_with("ERR Function not found")) return kind::library_missing;
    // What Redis 7.0 says where a function may be called, and a command of it may not.
    if (words.starts_with("ERR The user executing the script can't")) return kind::refused;
    const auto first = words.substr(0, words.find(' '));
    const auto found = std::find_if(by_first_word.begin(), by_first_word.end(),
                                    [&](const auto& row) { return row.first == first; });
    return found == by_first_word.end() ? kind::done : found->second;
}

template <class Number>
bool read_number(std::string_view text, Number& into) {
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), into);
    return ec == std::errc{} && end == text.data() + text.size();
}

// "MOVED 3999 127.0.0.1:6381", or false when it is not of that form.
bool read_redirection(std::string_view words, const endpoint& from, verdict& into) {
    const auto first = words.find(' ');
    const auto second = words.find(' ', first + 1);
    if (first == words.npos || second == words.npos) return false;
    auto target = read_redis_address(words.substr(second + 1), from);
    if (!target || !read_number(words.substr(first + 1, second - first - 1), into.at) ||
        into.at >= slot_count)
        return false;
    into.target = std::move(*target);
    return true;
}

}  // namespace

std::optional<endpoint> read_redis_address(std::string_view text, const endpoint& from) {
    const auto colon = text.rfind(':');
    endpoint at;
    if (colon == text.npos || !read_number(text.substr(colon + 1), at.port) || at.port == 0)
        return {};
    const auto host = text.substr(0, colon);
    at.host = host.empty() || host == "?" ? from.host : std::string(host);
    return at;
}

verdict judge(const replies& got, const endpoint& from) {
    verdict v;
    const auto error =
        std::find_if(got.begin(), got.end(), [](const reply& r) { return r.is_error(); });
    if (error == got.end()) return v;
    const std::string& words = error->text;
    v.what = kind_of(words);
    if ((v.what == kind::moved || v.what == kind::ask) && !read_redirection(words, from, v))
        v.what = kind::done;
    if (v.what == kind::done) return v;
    v.words = words;
    v.demoted = words.starts_with("READONLY");
    // A function that failed half-way keeps what it wrote; Redis then names it in the error.
    v.nothing_done = error == got.begin() && words.find(" script: ") == words.npos;
    return v;
}

}  // namespace tallycast::redis
