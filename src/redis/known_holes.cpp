#include "known_holes.hpp"

#include "info_text.hpp"

#include <array>
#include <charconv>

namespace tallycast::redis {

namespace {

struct version {
    int major = 0;
    int minor = 0;
    int patch = 0;
};

version read_version(std::string_view text) {
    version v;
    for (int* part : {&v.major, &v.minor, &v.patch}) {
        const auto end = std::from_chars(text.data(), text.data() + text.size(), *part).ptr;
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
        if (text.starts_with('.')) text.remove_prefix(1);
    }
    return v;
}

// Of each line the first version without the hole.
struct repair {
    version in;
    std::string_view hole;
};
constexpr std::string_view lua_parser = "CVE-2025-49844";      // a script takes over the server
constexpr std::string_view unblocking = "CVE-2026-23479";      // so may a client it evicts
constexpr std::string_view shared_entries = "CVE-2026-63639";  // or a stream it is given
constexpr std::array<repair, 5> of_redis{{{{7, 2, 11}, lua_parser},
                                          {{7, 4, 6}, lua_parser},
                                          {{8, 0, 4}, lua_parser},
                                          {{8, 2, 2}, lua_parser},
                                          {{8, 6, 3}, unblocking}}};
constexpr std::array<repair, 5> of_valkey{{{{7, 2, 14}, shared_entries},
                                           {{8, 0, 10}, shared_entries},
                                           {{8, 1, 9}, shared_entries},
                                           {{9, 0, 5}, shared_entries},
                                           {{9, 1, 1}, shared_entries}}};

}  // namespace

std::optional<hole> known_hole(std::string_view info) {
    const auto valkey = line_of(info, "valkey_version");
    const auto running =
        read_version(valkey ? *valkey : line_of(info, "redis_version").value_or(""));
    if (!valkey && running.major == 7 && running.minor == 0)
        return hole{std::string(lua_parser), ""};
    for (const auto& one : valkey ? of_valkey : of_redis) {
        if (one.in.major != running.major || one.in.minor != running.minor) continue;
        if (running.patch >= one.in.patch) return {};
        return hole{std::string(one.hole), std::to_string(one.in.major) + '.' +
                                               std::to_string(one.in.minor) + '.' +
                                               std::to_string(one.in.patch)};
    }
    return {};
}

}  // namespace tallycast::redis
