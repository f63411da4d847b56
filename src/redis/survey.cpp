#include "survey.hpp"

#include "info_text.hpp"
#include "library.hpp"
#include "sentinel_view.hpp"
#include "side_by_side.hpp"
#include "slot_map.hpp"

#include <charconv>
#include <utility>

namespace tallycast::redis {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::seconds patience{2};  // of one server's answers

base::mono_time soon() { return std::chrono::steady_clock::now() + patience; }

// One pipeline over a connection of its own.
asio::awaitable<base::result<replies>> ask(dialling how, endpoint at, pipeline what) {
    auto dialled = co_await dial(std::move(how), at);
    if (!dialled) co_return dialled.error();
    auto got = co_await talk(*dialled, std::move(what), soon());
    (*dialled)->close("asked");
    if (!got) co_return base::failure(base::errc::store_unavailable, got.error().detail);
    co_return std::move(*got);
}

// [name, value, name, value...]
named_texts named_in(const reply& pairs) {
    named_texts found;
    for (std::size_t i = 0; i + 1 < pairs.items.size(); i += 2)
        found[pairs.items[i].text] = pairs.items[i + 1].text;
    return found;
}

// [seconds, microseconds]
base::milliseconds time_in(const reply& time) {
    std::int64_t parts[2] = {0, 0};
    for (std::size_t i = 0; i < 2 && i < time.items.size(); ++i) {
        const auto& text = time.items[i].text;
        std::from_chars(text.data(), text.data() + text.size(), parts[i]);
    }
    return base::milliseconds(parts[0] * 1000 + parts[1] / 1000);
}

// "#!lua name=<name>", the first line of the library.
std::string library_name() {
    const auto line = library_text().substr(0, library_text().find('\n'));
    return std::string(line.substr(line.find('=') + 1));
}

library_state library_in(const reply& list) {
    if (list.is_error()) return library_state::hidden;
    if (list.items.empty()) return library_state::missing;
    return named_in(list.items.front())["library_code"] == library_text() ? library_state::same
                                                                          : library_state::other;
}

asio::awaitable<void> fill(dialling how, const ports::clock& clock, server_report& report) {
    auto dialled = co_await dial(std::move(how), report.at);
    if (!dialled) {
        report.trouble = dialled.error().detail;
        co_return;
    }
    const auto before = clock.wall();
    pipeline what_time{command{"TIME"}};
    const auto time = co_await talk(*dialled, std::move(what_time), soon());
    const auto after = clock.wall();
    pipeline rest{command{"INFO"}, command{"CONFIG", "GET", "*"},
                  command{"FUNCTION", "LIST", "LIBRARYNAME", library_name(), "WITHCODE"}};
    const auto got = co_await talk(*dialled, std::move(rest), soon());
    (*dialled)->close("asked");
    if (!time || !got || (*got)[0].is_error()) {
        const auto why = !time  ? time.error().detail
                         : !got ? got.error().detail
                                : "INFO: " + (*got)[0].text;
        report.trouble = to_text(report.at) + ": " + why;
        co_return;
    }
    report.uncertainty = std::chrono::ceil<base::milliseconds>((after - before) / 2);
    report.ahead = time_in(time->front()) - (before.time_since_epoch() + report.uncertainty);
    report.info = (*got)[0].text;
    report.settings = named_in((*got)[1]);
    report.library = library_in((*got)[2]);
}

server_report one_to_ask(endpoint at, endpoint follows) {
    server_report report;
    report.at = std::move(at);
    report.follows = std::move(follows);
    return report;
}

asio::awaitable<void> find_by_sentinels(dialling how, const deployment& where, survey& found) {
    how.login = where.sentinel_login;
    std::vector<std::optional<endpoint>> named;
    std::vector<endpoint> replicas;
    for (const auto& at : where.at) {
        pipeline what{command{"SENTINEL", "GET-MASTER-ADDR-BY-NAME", where.primary_name},
                      command{"SENTINEL", "REPLICAS", where.primary_name},
                      command{"SENTINEL", "MASTER", where.primary_name}};
        auto got = co_await ask(how, at, std::move(what));
        named.push_back(got ? read_primary_address(got->front()) : std::nullopt);
        auto& told = found.sentinels.emplace_back(sentinel_report{at, {}, {}});
        if (!got) told.trouble = got.error().detail;
        else if (!named.back()) told.trouble = "knows no primary called " + where.primary_name;
        else told.primary = named_in((*got)[2]);
        if (named.back() && replicas.empty()) replicas = read_replicas((*got)[1]);
    }
    const auto primary = agreed_on(named);
    if (!primary) {
        found.trouble = "no majority of the Sentinels names a primary";
        co_return;
    }
    found.servers.push_back(one_to_ask(*primary, *primary));
    for (const auto& at : replicas)
        if (at != *primary) found.servers.push_back(one_to_ask(at, *primary));
}

asio::awaitable<void> find_in_cluster(dialling how, const deployment& where, survey& found) {
    for (const auto& at : where.at) {
        pipeline what{command{"CLUSTER", "SLOTS"}, command{"CLUSTER", "NODES"}};
        auto got = co_await ask(how, at, std::move(what));
        if (!got) {
            found.trouble = got.error().detail;
            continue;
        }
        const auto view = read_cluster_view((*got)[0], (*got)[1], at);
        if (!view || view->shards.empty()) {
            found.trouble =
                to_text(at) + ((*got)[0].is_error() ? ": " + (*got)[0].text : " knows of no slots");
            continue;
        }
        const auto map = merged({*view}, {});
        for (const auto& primary : map.primaries()) {
            found.servers.push_back(one_to_ask(primary, primary));
            for (const auto& replica : map.replicas_of(primary))
                found.servers.push_back(one_to_ask(replica, primary));
        }
        found.trouble.clear();
        co_return;
    }
}

}  // namespace

asio::awaitable<survey> survey_of(dialling how, deployment where, const ports::clock& clock) {
    survey found;
    found.kind = where.kind;
    if (where.kind == topology_kind::sentinel) {
        auto finding = find_by_sentinels(how, where, found);
        co_await std::move(finding);
    } else if (where.kind == topology_kind::cluster) {
        auto finding = find_in_cluster(how, where, found);
        co_await std::move(finding);
    } else {
        found.servers.push_back(one_to_ask(where.at.front(), where.at.front()));
    }
    std::vector<asio::awaitable<void>> asking;
    for (auto& server : found.servers) asking.push_back(fill(how, clock, server));
    auto all = side_by_side(how.executor, std::move(asking));
    co_await std::move(all);
    co_return found;
}

}  // namespace tallycast::redis
