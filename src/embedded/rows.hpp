#pragma once
// Domain values to rows, with statements prepared once. Each function belongs inside a transaction
// and answers whether it worked. The way back is in load.hpp.

#include "sqlite.hpp"

#include <tallycast/domain/event.hpp>
#include <tallycast/domain/flag.hpp>
#include <tallycast/domain/ledger.hpp>
#include <tallycast/domain/poll.hpp>

#include <cstdint>

namespace tallycast::embedded {

class rows {
public:
    bool prepare(const database& db);

    bool put(const domain::tenant& tenant);
    bool put(const domain::host_key& key);
    bool put(const domain::flag& flag);
    bool put(const domain::event& event, std::uint64_t numbers_taken);
    // The poll and the definition of its current round.
    bool put(const domain::poll& poll);
    bool put(const base::poll_id& poll, std::uint32_t round, const domain::ledger& ledger,
             std::uint64_t version);
    bool append_log(const base::poll_id& poll, std::uint32_t round, bytes actions);
    bool try_write(std::int64_t at);

    bool remove_tenant(const base::tenant_id& id) { return remove_tenant_.run(id.str()); }
    bool remove_key(const base::key_id& id) { return remove_key_.run(id.str()); }
    bool remove_event(const base::event_id& id) { return remove_event_.run(id.str()); }
    bool remove_poll(const base::poll_id& id);  // with its rounds and votes

private:
    bool put_definition(const domain::poll& poll);

    statement put_tenant_, put_key_, put_flag_, put_event_, put_poll_, put_round_, put_option_,
        put_ledger_, append_log_, try_;
    statement remove_tenant_, remove_key_, remove_event_, remove_poll_, remove_rounds_,
        remove_options_, remove_ledgers_, remove_log_, clear_options_;
};

}  // namespace tallycast::embedded
