#include <tallycast/net/exchange.hpp>

#include <tallycast/wire/percent.hpp>
#include <tallycast/wire/problem.hpp>

#include <charconv>

namespace tallycast::net {

namespace {

constexpr base::milliseconds default_retry{1000};

std::string retry_field(base::milliseconds after) {
    return "Retry-After: " +
           std::to_string(std::chrono::ceil<std::chrono::seconds>(after).count()) + "\r\n";
}

}  // namespace

response problem(const exchange& x, const base::failure& f) {
    const auto& known = wire::problem_of(f.code);
    base::failure told = f;
    response answer;
    answer.status = static_cast<unsigned>(known.status);
    if (known.status == 429 || known.status == 503) {
        told.retry_after = f.retry_after.value_or(default_retry);
        answer.extra = retry_field(*told.retry_after);
    }
    if (known.status == 401) answer.extra = "WWW-Authenticate: Bearer\r\n";
    answer.content_type = problem_type;
    answer.body = wire::write_problem(told, x.request_id, x.core.clock.wall());
    return answer;
}

response ok(std::string body) {
    response answer;
    answer.body = std::move(body);
    return answer;
}

std::optional<std::uint32_t> round_of(const exchange& x) {
    const auto query = wire::read_query(x.req.query);
    if (!query) return std::nullopt;
    for (const auto& [name, value] : *query) {
        if (name != "round") continue;
        std::uint32_t round = 0;
        const auto end = value.data() + value.size();
        const auto read = std::from_chars(value.data(), end, round);
        if (read.ec != std::errc{} || read.ptr != end || round == 0) return std::nullopt;
        return round;
    }
    return 0;
}

}  // namespace tallycast::net
