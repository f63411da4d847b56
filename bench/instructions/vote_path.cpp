// A vote from its request's bytes to its answer's, in one thread and without sockets, coroutines or
// a clock: what the node's own code does for each, in the order it does it. Run under callgrind by
// bench/vote_instructions, which counts what happens inside count_vote().
//
//   vote_path <votes>

#include <tallycast/app/crypto.hpp>
#include <tallycast/app/limiter.hpp>
#include <tallycast/app/token.hpp>
#include <tallycast/domain/ballot.hpp>
#include <tallycast/domain/fingerprint.hpp>
#include <tallycast/domain/poll_round.hpp>
#include <tallycast/net/request_parser.hpp>
#include <tallycast/net/response_text.hpp>
#include <tallycast/wire/results_json.hpp>
#include <tallycast/wire/vote_body.hpp>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace {

using namespace tallycast;

constexpr std::size_t body_limit = 16 * 1024;
const base::wall_time wall{std::chrono::seconds{1'800'000'000}};
const base::mono_time mono{std::chrono::seconds{1'000}};

domain::poll four_options() {
    domain::poll_definition wish;
    wish.type = domain::poll_type::single;
    wish.question = "Which one?";
    for (const char* label : {"Blue", "Red", "Green", "Grey"}) wish.options.push_back({"", label});
    domain::poll made;
    made.id = base::poll_id{"3zsdadttxf8khfb"};
    made.event = base::event_id{"xvejv7mr2bi5jco"};
    made.definition = domain::checked(wish).value();
    return made;
}

struct bench_node {
    domain::poll poll = four_options();
    app::token_signer tokens{{{"k1", std::string(32, 's')}}};
    app::hmac_sha256 receipts{std::string(32, 'r')};
    app::limiter limits{app::limit_rates{},
                        std::make_shared<app::tenant_quota>(app::limit_rates{}.tenant)};
    domain::token_bucket connection;
    domain::poll_round round{poll.definition, 1, 1};
    net::request_parser parser{[](const net::request&) { return body_limit; }};
    net::date_text date;
    std::string out;

    std::string request_of(std::uint64_t number) {
        const auto token = tokens.sign(
            {app::token_kind::voter, poll.event, {number}, wall, wall + std::chrono::hours{12}});
        const std::string body = R"({"choices":["b"]})";
        return "POST /v1/polls/" + poll.id.str() +
               "/votes HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nContent-Type: application/json\r\n"
               "Authorization: Bearer " +
               token + "\r\nIdempotency-Key: b0123abcd-" + std::to_string(number) +
               "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    }

    std::string receipt_of(std::uint64_t number, const domain::decision& decided) {
        const auto mac =
            receipts.of(poll.id.str() + '.' + std::to_string(decided.round) + '.' +
                        std::to_string(number) + '.' + std::to_string(decided.sequence));
        return app::base64url(std::span{mac}.first(15));
    }

    bool allowed(base::voter_number voter) {
        const auto so_far = limits.request({&connection, 1}, mono);
        return so_far.allowed &&
               limits.vote(so_far, domain::mix(poll.event.str(), voter.value), 1, mono).allowed;
    }

    // False when it was not counted.
    bool vote(std::string_view bytes) {
        if (parser.resume(bytes) != net::request_parser::progress::complete) return false;
        const auto& request = parser.current();
        constexpr std::string_view scheme = "Bearer ";
        const auto token = request.header(boost::beast::http::field::authorization);
        const auto claims = tokens.verify(token.substr(scheme.size()), wall);
        wire::vote_body_reader reader;
        const auto form = reader.read(request.body);
        if (!claims || !form || !allowed(claims->number)) return false;
        const auto ballot = domain::ballot_from(poll.definition, *form);
        if (!ballot) return false;
        const auto tag = domain::tag_of_key(request.fields[request.field_count - 2].value);
        std::optional<domain::applied_vote> applied;
        const auto decided = round.cast({claims->number, *ballot, tag, 1}, wall, applied);
        if (decided.what != domain::verdict::counted) return false;
        const auto body = wire::write_vote_receipt("counted", poll.id, decided.round,
                                                   receipt_of(claims->number.value, decided), wall);
        out.clear();
        net::append_response(out, {200, "application/json", "id-1", date.at(wall)}, body);
        parser.reset();
        return true;
    }
};

}  // namespace

// Its name is what callgrind is told to look for.
extern "C" [[gnu::noinline]] bool count_vote(void* node, const std::string* request) {
    return static_cast<bench_node*>(node)->vote(*request);
}

int main(int count, char** words) {
    const auto votes = count == 2 ? std::strtoull(words[1], nullptr, 10) : 0;
    if (votes == 0) {
        std::fputs("vote_path <votes>\n", stderr);
        return 2;
    }
    bench_node node;
    std::vector<std::string> requests;
    for (std::uint64_t number = 1; number <= votes; ++number)
        requests.push_back(node.request_of(number));
    std::uint64_t counted = 0;
    for (const auto& request : requests) {
        node.connection = {};  // a full bucket: as many connections as voters
        counted += count_vote(&node, &request) ? 1 : 0;
    }
    std::printf("%llu votes counted\n", static_cast<unsigned long long>(counted));
    return counted == votes ? 0 : 1;
}
