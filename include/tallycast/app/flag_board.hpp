#pragma once
// The flags in force on one core: what was set, or else each flag's own value. Kept current by the
// change feed. Single-threaded.

#include <tallycast/domain/flag.hpp>

#include <array>
#include <memory>
#include <string>

namespace tallycast::app {

using flag_ptr = std::shared_ptr<const domain::flag>;

class flag_board {
public:
    // The share of traces that this node was started with holds until the flag is set.
    explicit flag_board(double own_trace_share) : own_trace_share_(own_trace_share) {}

    void put(const flag_ptr& changed) { set_[index_of(changed->which)] = changed; }

    domain::flag_value value(domain::flag_id which) const {
        const auto& set = set_[index_of(which)];
        return set && set->value ? *set->value : own_value(which);
    }
    domain::flag_value own_value(domain::flag_id which) const {
        if (which == domain::flag_id::trace_share) return own_trace_share_;
        return domain::kind_of(which).fallback;
    }
    // Null when it was never set.
    flag_ptr last_change(domain::flag_id which) const { return set_[index_of(which)]; }

    bool on(domain::flag_id which) const { return std::get<bool>(value(which)); }
    double number(domain::flag_id which) const { return std::get<double>(value(which)); }
    // Empty: there is none.
    std::string notice() const {
        return std::get<std::string>(value(domain::flag_id::maintenance_notice));
    }

private:
    static std::size_t index_of(domain::flag_id which) { return static_cast<std::size_t>(which); }

    double own_trace_share_;
    std::array<flag_ptr, domain::flag_kinds> set_;
};

}  // namespace tallycast::app
