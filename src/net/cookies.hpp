#pragma once
// The cookie of a host who signed in at the studio: it carries a credential where no script can
// read it. Those of voters are voter_cookies.hpp.

#include <string_view>

namespace tallycast::net {

inline constexpr std::string_view host_cookie_name = "tallycast_host";

// The value of the cookie of that name in a Cookie field; empty when there is none.
std::string_view cookie_value(std::string_view field, std::string_view name);

}  // namespace tallycast::net
