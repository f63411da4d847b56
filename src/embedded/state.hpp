#pragma once
// Everything the store knows, in memory, as it is in the file. The put and remove functions keep
// the indexes right; whoever calls them has written the same to the file before. Store's thread
// only. Values are shared with listeners, so a change is a new value, never an edit.

#include <tallycast/base/id.hpp>
#include <tallycast/domain/event.hpp>
#include <tallycast/domain/flag.hpp>
#include <tallycast/domain/poll.hpp>
#include <tallycast/domain/poll_round.hpp>
#include <tallycast/domain/results.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace tallycast::embedded {

// Numbers are given from 1 upwards; one beyond this was never given, and a sheet has no room for
// it.
inline constexpr std::uint64_t max_voter_number = std::uint64_t{1} << 32;

struct tenant_entry {
    std::shared_ptr<const domain::tenant> tenant;
    std::set<base::event_id> events;
    std::set<base::key_id> keys;
};

struct event_entry {
    std::shared_ptr<const domain::event> event;
    std::uint64_t numbers_taken = 0;
    std::set<base::poll_id> polls;
};

struct kept_round {
    domain::poll_definition definition;  // with the newest texts; count has those it began with
    domain::poll_round count;
};

struct poll_entry {
    std::shared_ptr<const domain::poll> poll;
    std::vector<std::unique_ptr<kept_round>>
        rounds;  // rounds[i] is number i + 1; the last is current

    std::optional<base::wall_time> due_at;   // its place in the agenda
    std::optional<base::mono_time> told_at;  // when its results were last told
    bool results_wait = false;               // moved since

    kept_round& current() const { return *rounds.back(); }
    // 0 is the current one; nullptr when there is no such round.
    const kept_round* round(std::uint32_t number) const;
};

class state {
public:
    void put_secret(std::string secret) { secret_ = std::move(secret); }
    const std::string& secret() const noexcept { return secret_; }

    void put_flag(domain::flag flag);
    void put_tenant(domain::tenant tenant);
    void put_key(domain::host_key key);
    void put_event(domain::event event, std::uint64_t numbers_taken);
    void set_numbers_taken(const base::event_id& event, std::uint64_t taken);
    // A new poll has no round yet; a known one keeps its rounds, and the current one gets the
    // definition.
    poll_entry& put_poll(domain::poll poll);
    static void add_round(poll_entry& entry, domain::poll_definition definition,
                          std::uint64_t version);
    void unschedule(poll_entry& entry);

    void remove_tenant(const base::tenant_id& id);  // which has no events and keys any more
    void remove_key(const base::key_id& id);
    void remove_event(const base::event_id& id);  // which has no polls any more
    void remove_poll(const base::poll_id& id);

    const tenant_entry* tenant(const base::tenant_id& id) const;
    std::shared_ptr<const domain::host_key> key(const base::key_id& id) const;
    std::shared_ptr<const domain::host_key> key_by_hash(const std::string& hash) const;
    const event_entry* event(const base::event_id& id) const;
    std::optional<base::event_id> event_by_code(const std::string& code) const;
    poll_entry* poll(const base::poll_id& id);

    const std::map<domain::flag_id, std::shared_ptr<const domain::flag>>& flags() const noexcept {
        return flags_;
    }
    const std::map<base::tenant_id, tenant_entry>& tenants() const noexcept { return tenants_; }
    const std::map<base::key_id, std::shared_ptr<const domain::host_key>>& keys() const noexcept {
        return keys_;
    }
    const std::map<base::event_id, event_entry>& events() const noexcept { return events_; }
    std::unordered_map<base::poll_id, poll_entry>& polls() noexcept { return polls_; }

    // The poll that next opens or closes by itself, and when.
    std::optional<std::pair<base::wall_time, base::poll_id>> next_due() const;

private:
    void schedule(poll_entry& entry);

    std::string secret_;
    std::map<domain::flag_id, std::shared_ptr<const domain::flag>> flags_;
    std::map<base::tenant_id, tenant_entry> tenants_;
    std::map<base::key_id, std::shared_ptr<const domain::host_key>> keys_;
    std::unordered_map<std::string, base::key_id> keys_by_hash_;
    std::map<base::event_id, event_entry> events_;
    std::unordered_map<std::string, base::event_id> events_by_code_;
    std::unordered_map<base::poll_id, poll_entry> polls_;
    std::set<std::pair<base::wall_time, base::poll_id>> agenda_;
};

// What is shown of a round of this poll. Rounds before the current one are over.
domain::results results_of(const poll_entry& entry, const kept_round& round, base::wall_time now);

}  // namespace tallycast::embedded
