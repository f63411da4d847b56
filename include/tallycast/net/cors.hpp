#pragma once
// Which pages of other origins may call: exactly those on the list, and always the node's own.

#include <tallycast/net/exchange.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tallycast::net {

// Whether a browser's page of this Origin may open a live connection or use a cookie: its host and
// port are those of the request, or it stands on the list character by character. An absent Origin
// is no browser.
bool origin_allowed(std::string_view origin, std::string_view host,
                    const std::vector<std::string>& allowed);

// The answer to a CORS preflight, or nothing when the request is none.
std::optional<response> cors_preflight(const exchange& x);

// Appends what lets a page of an allowed other origin read the answer to this request.
void append_cors(const request& req, const std::vector<std::string>& allowed, std::string& extra);

}  // namespace tallycast::net
