#include <tallycast/app/manage.hpp>
#include <tallycast/wire/host_body.hpp>
#include <tallycast/wire/host_json.hpp>

#include "paging.hpp"
#include "routes.hpp"

namespace tallycast::net {

namespace asio = boost::asio;

namespace {

base::tenant_id tenant_in(const exchange& x) { return base::tenant_id{x.path[0]}; }

response nothing_left() {
    response answer;
    answer.status = 204;
    answer.content_type = {};
    return answer;
}

std::string write_key_without_secret(const domain::host_key& key) {
    return wire::write_key(key, std::nullopt);
}

}  // namespace

asio::awaitable<response> post_tenant(exchange& x) {
    const auto who = caller_of(x);
    if (!who) co_return problem(x, who.error());
    if (!has_json_body(x)) co_return wrong_media_type(x);
    auto body = wire::read_tenant_create(x.req.body);
    if (!body) co_return problem(x, body.error());
    auto work = app::create_tenant(x.core, *who, std::move(body->name), body->quotas);
    const auto tenant = co_await std::move(work);
    if (!tenant) co_return problem(x, tenant.error());
    auto answer = ok(wire::write_tenant(*tenant));
    answer.status = 201;
    co_return answer;
}

asio::awaitable<response> list_tenants(exchange& x) {
    const auto who = caller_of(x);
    if (!who) co_return problem(x, who.error());
    if (const auto may = app::must_be_operator(*who); !may) co_return problem(x, may.error());
    co_return list_page(x, x.core.catalog.tenants(), wire::write_tenant);
}

asio::awaitable<response> get_tenant(exchange& x) {
    const auto who = caller_of(x);
    if (!who) co_return problem(x, who.error());
    const auto tenant = app::operated_tenant(x.core, *who, tenant_in(x));
    if (!tenant) co_return problem(x, tenant.error());
    co_return ok(wire::write_tenant(**tenant));
}

asio::awaitable<response> patch_tenant(exchange& x) {
    const auto who = caller_of(x);
    if (!who) co_return problem(x, who.error());
    if (!has_json_body(x)) co_return wrong_media_type(x);
    auto patch = wire::read_tenant_patch(x.req.body);
    if (!patch) co_return problem(x, patch.error());
    auto work = app::change_tenant(x.core, *who, tenant_in(x), std::move(*patch));
    const auto tenant = co_await std::move(work);
    if (!tenant) co_return problem(x, tenant.error());
    co_return ok(wire::write_tenant(*tenant));
}

asio::awaitable<response> delete_tenant(exchange& x) {
    const auto who = caller_of(x);
    if (!who) co_return problem(x, who.error());
    const auto gone = co_await app::delete_tenant(x.core, *who, tenant_in(x));
    if (!gone) co_return problem(x, gone.error());
    co_return nothing_left();
}

asio::awaitable<response> post_key(exchange& x) {
    const auto who = caller_of(x);
    if (!who) co_return problem(x, who.error());
    if (!x.req.body.empty() && !has_json_body(x)) co_return wrong_media_type(x);
    auto body = wire::read_key_create(x.req.body);
    if (!body) co_return problem(x, body.error());
    auto work = app::create_key(x.core, *who, tenant_in(x), std::move(body->label));
    const auto made = co_await std::move(work);
    if (!made) co_return problem(x, made.error());
    auto answer = ok(wire::write_key(made->key, made->secret));
    answer.status = 201;
    co_return answer;
}

asio::awaitable<response> list_keys(exchange& x) {
    const auto who = caller_of(x);
    if (!who) co_return problem(x, who.error());
    const auto tenant = app::operated_tenant(x.core, *who, tenant_in(x));
    if (!tenant) co_return problem(x, tenant.error());
    co_return list_page(x, x.core.catalog.keys_of((*tenant)->id), write_key_without_secret);
}

asio::awaitable<response> delete_key(exchange& x) {
    const auto who = caller_of(x);
    if (!who) co_return problem(x, who.error());
    const auto gone = co_await app::delete_key(x.core, *who, tenant_in(x), base::key_id{x.path[1]});
    if (!gone) co_return problem(x, gone.error());
    co_return nothing_left();
}

}  // namespace tallycast::net
