#pragma once
// What hosts and operators do: thin steps from a caller who may, to the store that decides.

#include <tallycast/app/caller.hpp>
#include <tallycast/app/core.hpp>
#include <tallycast/domain/ledger.hpp>
#include <tallycast/domain/lifecycle.hpp>

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace tallycast::app {

template <class T>
using use_case = boost::asio::awaitable<base::result<T>>;

// Names of the node's own pages, which no event may have as its code.
bool is_page_name(std::string_view folded_code);

use_case<domain::event> create_event(core& on, caller who, std::string title,
                                     std::optional<std::string> code,
                                     domain::event_settings settings);
use_case<domain::event> change_event(core& on, caller who, base::event_id event,
                                     ports::event_patch patch);
use_case<void> delete_event(core& on, caller who, base::event_id event);

use_case<domain::poll> create_poll(core& on, caller who, base::event_id event,
                                   domain::poll_definition definition);
use_case<domain::poll> change_poll(core& on, caller who, base::poll_id poll,
                                   ports::poll_patch patch);
use_case<void> delete_poll(core& on, caller who, base::poll_id poll);
use_case<domain::poll> move_poll(core& on, caller who, base::poll_id poll, domain::transition what,
                                 std::optional<base::milliseconds> duration);

struct ledger_view {
    std::uint32_t round = 0;
    domain::ledger ledger;
};
// With what every core of this node has refused so far.
use_case<ledger_view> read_ledger(core& on, caller who, base::poll_id poll, std::uint32_t round);

use_case<domain::tenant> create_tenant(core& on, caller who, std::string name,
                                       domain::quotas quotas);
use_case<domain::tenant> change_tenant(core& on, caller who, base::tenant_id tenant,
                                       ports::tenant_patch patch);
use_case<void> delete_tenant(core& on, caller who, base::tenant_id tenant);

struct new_key {
    domain::host_key key;
    std::string secret;  // shown once, kept nowhere
};
use_case<new_key> create_key(core& on, caller who, base::tenant_id tenant, std::string label);
use_case<void> delete_key(core& on, caller who, base::tenant_id tenant, base::key_id key);

// The flag with its new value, or without one back at its own; invalid_request for a value it does
// not take.
use_case<domain::flag> set_flag(core& on, caller who, domain::flag_id which,
                                std::optional<domain::flag_value> value);

// The tenant for an operator, or unauthorised / tenant_not_found.
base::result<tenant_ptr> operated_tenant(core& on, const caller& who,
                                         const base::tenant_id& tenant);
base::result<void> must_be_operator(const caller& who);

// A host key record for a secret of this form.
domain::host_key key_record(std::string_view secret, const base::tenant_id& tenant,
                            std::string label, base::wall_time now);
std::string random_host_key();

}  // namespace tallycast::app
