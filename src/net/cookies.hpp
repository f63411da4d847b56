#pragma once
// The cookies of this node: the voter's, and the one of a host who signed in at the studio. Both
// carry a credential where no script can read it.

#include <string_view>

namespace tallycast::net {

inline constexpr std::string_view voter_cookie_name = "tallycast_voter";
inline constexpr std::string_view host_cookie_name = "tallycast_host";

// The value of the cookie of that name in a Cookie field; empty when there is none.
std::string_view cookie_value(std::string_view field, std::string_view name);

}  // namespace tallycast::net
