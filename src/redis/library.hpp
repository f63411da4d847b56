#pragma once
// The functions of lua/ as one library, as FUNCTION LOAD takes it.

#include <string_view>

namespace tallycast::redis {

std::string_view library_text();

}  // namespace tallycast::redis
