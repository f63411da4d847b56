#include "library.hpp"

#include <tallycast/base/embedded_file.hpp>

TALLYCAST_EMBEDDED_FILE(lua_library, TALLYCAST_LUA_FILE)

namespace tallycast::redis {

std::string_view library_text() { return lua_library(); }

}  // namespace tallycast::redis
