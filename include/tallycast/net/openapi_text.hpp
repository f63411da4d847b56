#pragma once
// docs/openapi.yaml, as it was when the node was built.

#include <string_view>

namespace tallycast::net {

std::string_view openapi_text();

}  // namespace tallycast::net
