#pragma once
// Runtime flags on the wire: the operator's own form, and OFREP (OpenFeature Remote Evaluation
// Protocol, 0.2), which stock OpenFeature clients read.

#include <tallycast/base/error.hpp>
#include <tallycast/domain/flag.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tallycast::wire {

// A flag as somebody sees it now.
struct flag_view {
    domain::flag_id which = domain::flag_id::results_rate;
    domain::flag_value value;      // in force
    domain::flag_value own_value;  // while it is not set
    bool is_set = false;
    std::optional<base::wall_time> changed_at;
};

// {"name","value","default","set","changed_at","meaning"}
std::string write_flag(const flag_view& flag);
// {"items":[…]}; there are few, so nothing is paged.
std::string write_flags(std::span<const flag_view> flags);

// {"value"}: true, false, a number or a text; null: back to its own. Whether it fits the flag is
// domain::check_flag's matter.
struct flag_change {
    std::optional<domain::flag_value> value;
};
base::result<flag_change> read_flag_change(std::string_view json);

// What an evaluation is asked with; only its form is looked at, as no flag depends on who asks.
// malformed_json when the body is no object or its context none.
base::result<void> read_evaluation(std::string_view json);

// {"key","value","reason","metadata":{"description"}}; the reason is STATIC when it was set, else
// DEFAULT.
std::string write_evaluation(const flag_view& flag);
// {"flags":[…]}
std::string write_evaluations(std::span<const flag_view> flags);
// {"key"?,"errorCode","errorDetails"}
std::string write_evaluation_error(std::string_view key, std::string_view code,
                                   std::string_view details);

}  // namespace tallycast::wire
