#include <tallycast/app/manage.hpp>
#include <tallycast/domain/fingerprint.hpp>
#include <tallycast/wire/flags_json.hpp>

#include "routes.hpp"

#include <vector>

namespace tallycast::net {

namespace asio = boost::asio;

namespace {

wire::flag_view view_of(const exchange& x, domain::flag_id which) {
    const auto& board = x.core.flags;
    const auto change = board.last_change(which);
    wire::flag_view view{which, board.value(which), board.own_value(which), false, std::nullopt};
    if (!change) return view;
    view.is_set = change->value.has_value();
    view.changed_at = change->changed_at;
    return view;
}

std::vector<wire::flag_view> all_flags(const exchange& x) {
    std::vector<wire::flag_view> views;
    for (std::size_t i = 0; i < domain::flag_kinds; ++i)
        views.push_back(view_of(x, static_cast<domain::flag_id>(i)));
    return views;
}

base::failure no_such_flag() { return {base::errc::not_found, "There is no such flag."}; }

base::result<void> must_be_operators(exchange& x) {
    const auto who = caller_of(x);
    return who ? app::must_be_operator(*who) : who.error();
}

response evaluation_error(unsigned status, std::string_view key, std::string_view code,
                          std::string_view details) {
    auto answer = ok(wire::write_evaluation_error(key, code, details));
    answer.status = status;
    return answer;
}

// Who changed what, for those who look later. The values are no secrets: everybody sees what they
// do.
void note_change(const exchange& x, const domain::flag& flag) {
    x.core.log.write(ports::severity::info, "the operator set a flag",
                     {{"flag", domain::kind_of(flag.which).name},
                      {"value", flag.value ? domain::text_of(*flag.value) : "default"},
                      {"request_id", x.request_id}});
}

}  // namespace

asio::awaitable<response> list_flags(exchange& x) {
    if (const auto may = must_be_operators(x); !may) co_return problem(x, may.error());
    co_return ok(wire::write_flags(all_flags(x)));
}

asio::awaitable<response> get_flag(exchange& x) {
    if (const auto may = must_be_operators(x); !may) co_return problem(x, may.error());
    const auto which = domain::flag_named(x.path[0]);
    if (!which) co_return problem(x, no_such_flag());
    co_return ok(wire::write_flag(view_of(x, *which)));
}

asio::awaitable<response> put_flag(exchange& x) {
    const auto who = caller_of(x);
    if (!who) co_return problem(x, who.error());
    if (const auto may = app::must_be_operator(*who); !may) co_return problem(x, may.error());
    const auto which = domain::flag_named(x.path[0]);
    if (!which) co_return problem(x, no_such_flag());
    if (!has_json_body(x)) co_return wrong_media_type(x);
    auto change = wire::read_flag_change(x.req.body);
    if (!change) co_return problem(x, change.error());
    auto work = app::set_flag(x.core, *who, *which, std::move(change->value));
    const auto flag = co_await std::move(work);
    if (!flag) co_return problem(x, flag.error());
    note_change(x, *flag);
    // This core may hear of it a moment later.
    auto view = view_of(x, *which);
    view.value = flag->value ? *flag->value : view.own_value;
    view.is_set = flag->value.has_value();
    view.changed_at = flag->changed_at;
    co_return ok(wire::write_flag(view));
}

asio::awaitable<response> evaluate_flag(exchange& x) {
    const std::string_view key = x.path[0];
    if (const auto readable = wire::read_evaluation(x.req.body); !readable)
        co_return evaluation_error(400, key, "PARSE_ERROR", readable.error().detail);
    const auto which = domain::flag_named(key);
    if (!which) co_return evaluation_error(404, key, "FLAG_NOT_FOUND", "There is no such flag.");
    co_return ok(wire::write_evaluation(view_of(x, *which)));
}

asio::awaitable<response> evaluate_flags(exchange& x) {
    if (const auto readable = wire::read_evaluation(x.req.body); !readable)
        co_return evaluation_error(400, {}, "PARSE_ERROR", readable.error().detail);
    auto answer = ok(wire::write_evaluations(all_flags(x)));
    answer_conditionally(x, answer, std::to_string(domain::mix(answer.body)));
    co_return answer;
}

}  // namespace tallycast::net
