#include "option_table.hpp"

namespace tallycast::config {

namespace {

using namespace std::chrono_literals;

constexpr std::string_view listeners = "Listeners";
constexpr std::string_view storage = "Storage";
constexpr std::string_view keys = "Keys";
constexpr std::string_view limits = "Limits";
constexpr std::string_view web = "Proxies and browsers";
constexpr std::string_view deadlines = "Deadlines";
constexpr std::string_view running = "Running";

// What else is wrong with an address, the store says (further_check); it is never quoted, because
// it may hold a password.
base::result<std::string> parse_store(std::string_view text) {
    if (text == "embedded") return std::string(text);
    for (const std::string_view scheme :
         {"redis://", "rediss://", "redis+sentinel://", "rediss+sentinel://", "redis+cluster://",
          "rediss+cluster://"})
        if (text.starts_with(scheme)) return std::string(text);
    return base::failure{base::errc::invalid_request,
                         "not a store; `embedded`, or an address that begins with redis://, "
                         "rediss://, redis+sentinel:// or redis+cluster://"};
}

base::result<std::string> parse_path(std::string_view text) { return std::string(text); }

base::result<std::string> parse_collector(std::string_view text) {
    auto url = parse_public_url(text);
    if (url && !url->starts_with("http://"))
        return base::failure{base::errc::invalid_request,
                             "not an http URL; TLS is not spoken here"};
    return url;
}

auto rate_of(rate limit_settings::*which) {
    return number(0.01, 1e6, at(&settings::limits, which, &rate::per_second));
}

auto burst_of(rate limit_settings::*which) {
    return integer(1, 1'000'000'000, at(&settings::limits, which, &rate::burst));
}

base::result<std::string> parse_data_dir(std::string_view text) {
    if (text.empty())
        return base::failure{base::errc::invalid_request, "an empty path; the folder here is `.`"};
    return std::string(text);
}

// clang-format off
// One row an option, and nothing else. NOLINTNEXTLINE(readability-function-size)
std::vector<option> make_table() {
    return {
    {"listen", listeners, "0.0.0.0:8080", "Where voters and hosts connect",
     "A numeric address; IPv6 in brackets (`[::]:8080`). Port 0 takes a free one, which the log "
     "names.",
     address_and_port(at(&settings::listen))},
    {"ops-listen", listeners, "127.0.0.1:8081",
     "Where the operator's /livez, /readyz, /metrics and /drain are",
     "It asks for no credential: never make it public.",
     address_and_port(at(&settings::ops_listen))},
    {"public-url", listeners, "", "The address people use, for QR codes and join links",
     "Such as `https://vote.example.org`. Empty: taken from each request's Host field.",
     text("URL", "URL, http or https", at(&settings::public_url), parse_public_url)},
    {"tls-cert", listeners, "", "File of the certificate that --listen shows, PEM: it then speaks TLS",
     "With those that vouch for it behind it. TLS 1.2 or newer, HTTP/1.1 inside. Read again at SIGHUP, "
     "for new connections. Empty: plain HTTP, and TLS is a proxy's work.",
     path(at(&settings::tls_cert)), reloadable},
    {"tls-key", listeners, "", "File of that certificate's key, PEM",
     "Without a password. Read again together with the certificate.",
     path(at(&settings::tls_key)), reloadable},
    {"max-connections", listeners, "10000", "Open connections of the node",
     "More are refused at once. Bounded as well by the open-file limit, less 128 for the node "
     "itself.",
     integer(1, 10'000'000, at(&settings::max_connections))},

    {"store", storage, "embedded", "Where votes are kept",
     "`embedded` keeps them in this process and in its data folder, for one node. The others are Redis 7 "
     "or Valkey, for many nodes: `redis://[user:password@]host:port`, `rediss://…` (TLS), "
     "`redis+sentinel://host:port,host:port/primary-name`, `redis+cluster://host:port,host:port`. "
     "An address with a password is better given as TALLYCAST_STORE than on the command line.",
     text("STORE", "`embedded` or an address of Redis", at(&settings::store), parse_store), secret},
    {"store-slices", storage, "0", "Slices a new poll is cut into, in Redis",
     "`0`: as many as there are primaries, so that one poll spreads over all of them.",
     integer(0, 64, at(&settings::store_slices))},
    {"store-ca", storage, "", "File of the authorities trusted for TLS to Redis, PEM",
     "Empty: those of the system.",
     text("PATH", "path", at(&settings::store_ca), parse_path)},
    {"data-dir", storage, "./data", "Folder of the embedded store; :memory: keeps nothing",
     "Made when it is missing. One node at a time uses a folder.",
     text("PATH", "path, or `:memory:`", at(&settings::data_dir), parse_data_dir)},
    {"durability", storage, "auto", "What a vote has survived when it is answered",
     "Embedded: `memory`, not even the end of the process; `async`, a crash of the process, not a loss of "
     "power; `fsync`, both. With `--data-dir :memory:` it is `memory`, and asking for more is an "
     "error. Redis: `async`, the primary has it, and this node applies it again where a replaced "
     "primary had not passed it on; `replicated`, a replica has it, too; `fsync`, the primary has "
     "flushed it. A level that the servers cannot keep stops the start. `auto`: `fsync`, or in "
     "Redis `replicated` while a replica keeps up with the primary and `async` while none does.",
     choice<durability>({{"auto", durability::automatic},
                         {"memory", durability::memory},
                         {"async", durability::async},
                         {"replicated", durability::replicated},
                         {"fsync", durability::fsync}},
                        at(&settings::durability))},
    {"apply-again", storage, "on", "Whether a new primary of Redis is given what it may lack",
     "Of what was answered in the last seconds. `off` is for tests and for showing that the test can "
     "fail: votes that were answered are then lost together with a primary whose replicas lagged.",
     on_off(at(&settings::apply_again))},
    {"max-vote-queue", storage, "65536", "Votes waiting for the store, of one I/O thread",
     "Past it a vote is answered 503 `overloaded` with a Retry-After; it is not counted.",
     integer(1, 10'000'000, at(&settings::max_vote_queue))},

    {"operator-key", keys, "", "Key of the operator, who manages tenants",
     "Without one the node makes one and shows it once, at its first start (not with "
     "`--production`). Prefer `--operator-key-file`: a command line is seen by other users of "
     "the machine.",
     text("KEY", "up to 256 visible ASCII characters", at(&settings::operator_key), parse_key),
     secret},
    {"operator-key-file", keys, "", "File that holds the operator's key",
     "Blanks and newlines around the key are ignored.",
     path([](draft& d) -> auto& { return d.operator_key_file; })},
    {"host-key", keys, "", "A first host key, made at the start",
     "It belongs to the tenant `default`. Without one the node makes one and shows it once, at "
     "its first start (not with `--production`); more are made by the operator.",
     text("KEY", "up to 256 visible ASCII characters", at(&settings::host_key), parse_key),
     secret},
    {"host-key-file", keys, "", "File that holds the first host key",
     "Blanks and newlines around the key are ignored.",
     path([](draft& d) -> auto& { return d.host_key_file; })},
    {"token-keys", keys, "", "Keys that sign voters' tokens: id:hex, several by comma",
     "An id has 1 to 16 letters and digits; the hexadecimal part is 32 bytes (`openssl rand "
     "-hex 32`). The first signs, all verify: to change keys, put the new one in front and drop "
     "the old one after `--token-ttl`. The same on every node. Empty: derived from a secret "
     "that the store keeps.",
     text("KEYS", "`id:hex`, several by comma", at(&settings::token_keys), parse_token_keys),
     secret},
    {"token-keys-file", keys, "", "File that holds the token keys",
     "As `--token-keys`; a key a line will do as well.",
     path([](draft& d) -> auto& { return d.token_keys_file; })},
    {"token-ttl", keys, "12h", "How long a voter's token is valid",
     "A voter whose token has run out joins again, as somebody new: make it longer than the "
     "longest event.",
     duration(1min, 720h, at(&settings::token_ttl))},

    {"limits", limits, "on", "All rate limits at once",
     "`off` is for load tests.",
     on_off(at(&settings::limits, &limit_settings::on)), reloadable},
    {"limit-connection-rate", limits, "200", "Requests and messages a second of one connection",
     "", rate_of(&limit_settings::connection), reloadable},
    {"limit-connection-burst", limits, "400", "How many of them at once",
     "", burst_of(&limit_settings::connection), reloadable},
    {"limit-address-rate", limits, "2000", "Requests a second of one address (IPv6: of one /64)",
     "A whole hall may stand behind one address: keep it far above what one person does.",
     rate_of(&limit_settings::address), reloadable},
    {"limit-address-burst", limits, "10000", "How many of them at once",
     "", burst_of(&limit_settings::address), reloadable},
    {"limit-voter-rate", limits, "10", "Ballots a second of one voter at one thread; changes of one, over all nodes",
     "", rate_of(&limit_settings::voter), reloadable},
    {"limit-voter-burst", limits, "50", "How many of them at once; changes, in a round",
     "", burst_of(&limit_settings::voter), reloadable},
    {"limit-tenant-rate", limits, "50000", "Ballots a second of one tenant, over all nodes",
     "", rate_of(&limit_settings::tenant), reloadable},
    {"limit-tenant-burst", limits, "100000", "How many of them at once",
     "", burst_of(&limit_settings::tenant), reloadable},
    {"limit-join-address-rate", limits, "500", "Joins a second of one address",
     "", rate_of(&limit_settings::join_address), reloadable},
    {"limit-join-address-burst", limits, "5000", "How many of them at once",
     "", burst_of(&limit_settings::join_address), reloadable},
    {"max-subscriptions", limits, "256", "Polls that one WebSocket may subscribe to",
     "", integer(1, 65'536, at(&settings::max_subscriptions))},

    {"trusted-proxies", web, "", "Address blocks whose X-Forwarded-For is believed",
     "Such as `10.0.0.0/8,fd00::/8`. Empty: nobody's; behind a proxy all clients then share one "
     "address and its limits.",
     list("address blocks by comma", at(&settings::trusted_proxies), parse_address_block),
     reloadable},
    {"allowed-origins", web, "", "Web origins that may call from a browser, besides the node's own",
     "For CORS and for WebSockets; compared exactly, such as `https://show.example.org`. There "
     "is no `*`.",
     list("origins by comma", at(&settings::allowed_origins), parse_origin), reloadable},
    {"secure-cookies", web, "auto", "Whether cookies carry Secure",
     "`auto`: when the request came over TLS, to this node or as a trusted proxy tells.",
     choice<cookie_policy>({{"auto", cookie_policy::automatic}, {"on", cookie_policy::always},
                            {"off", cookie_policy::never}}, at(&settings::secure_cookies))},
    {"ui-dir", web, "", "Folder whose pages are served instead of those that are built in",
     "Laid out as the build makes it (`build/release/web/ui`), and read when the node starts and at "
     "SIGHUP, never at a request: at most 256 files of 4 MiB each; symbolic links are left out.",
     path(at(&settings::ui_dir)), reloadable},

    {"header-timeout", deadlines, "10s", "For a request's header to arrive",
     "", duration(100ms, 10min, at(&settings::header_timeout))},
    {"body-timeout", deadlines, "20s", "For a request's body to arrive",
     "", duration(100ms, 10min, at(&settings::body_timeout))},
    {"write-timeout", deadlines, "15s", "For a client to take an answer or message",
     "", duration(100ms, 10min, at(&settings::write_timeout))},
    {"idle-timeout", deadlines, "75s", "For the next request on a kept connection",
     "Longer than the idle time of the proxy in front, or the proxy meets closed connections.",
     duration(1s, 1h, at(&settings::idle_timeout))},
    {"answer-timeout", deadlines, "10s", "For the store to answer",
     "After it the connection is closed without an answer; the client sends the same ballot "
     "again.",
     duration(100ms, 10min, at(&settings::answer_timeout))},
    {"drain-timeout", deadlines, "25s", "For clients to leave when the node stops",
     "Shorter than the time the supervisor gives before it kills (Kubernetes: 30 s).",
     duration(0ms, 1h, at(&settings::drain_timeout))},
    {"reconnect-spread", deadlines, "10s", "Over which leaving clients are told to come back",
     "", duration(0ms, 10min, at(&settings::reconnect_spread))},

    {"config", running, "", "TOML file to read options from",
     "Not an option of the file itself. Without it no file is read.",
     {"FILE", "path", [](draft&, std::string_view) { return std::string{}; }}, not_in_file},
    {"threads", running, "0", "I/O threads; 0 is one a core",
     "", integer(0, 256, at(&settings::threads))},
    {"rebalance", running, "on", "Send people to nodes that have fewer, by itself",
     "Of nodes on one Redis, one that has had a quarter more live connections than the mean for ten seconds, and more than 200, "
     "tells a tenth of them every five seconds to come back. Off where what stands in front brings everybody back to the same node.",
     on_off(at(&settings::rebalance))},
    {"production", running, "off", "Refuse to start with missing or weak keys",
     "Wants an operator key of at least 32 characters and token keys whose bytes are not all "
     "the same; a host key, when there is one, is held to the operator key's rule. Not together "
     "with `--demo`.",
     on_off(at(&settings::production))},
    {"demo", running, "off", "Make a demonstration event at the start",
     "", on_off(at(&settings::demo))},
    {"log-level", running, "info", "The least severe entries to log",
     "", choice<log_level>({{"debug", log_level::debug}, {"info", log_level::info},
                            {"warn", log_level::warn}, {"error", log_level::error}},
                           at(&settings::log_level)), reloadable},
    {"log-format", running, "json", "How log lines are written, on stderr",
     "", choice<log_format>({{"json", log_format::json}, {"text", log_format::text}},
                            at(&settings::log_format))},
    {"otlp-endpoint", running, "", "Collector that takes traces by OTLP/HTTP",
     "Such as `http://collector:4318`; the path is /v1/traces unless the URL has one. Empty: nothing is "
     "traced. A collector that is slow or away costs the spans, never a vote.",
     text("URL", "URL, http", at(&settings::otlp_endpoint), parse_collector)},
    {"trace-share", running, "0.01", "Share of the traces that is sampled, from 0 to 1",
     "By the trace's id, so that all nodes choose the same. What a trusted proxy marks as sampled in "
     "`traceparent` is, too.",
     number(0, 1, at(&settings::trace_share))},
    };
}
// clang-format on

}  // namespace

const std::vector<option>& option_table() {
    static const std::vector<option> table = make_table();
    return table;
}

}  // namespace tallycast::config
