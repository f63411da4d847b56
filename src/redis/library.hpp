#pragma once
// The text of tallycast.lua, as FUNCTION LOAD takes it.

#include <string_view>

namespace tallycast::redis {

std::string_view library_text();

}  // namespace tallycast::redis
