#include "library.hpp"

#include <cstddef>

// g++ 12 has no #embed; the assembler has.
__asm__(
    ".section .rodata\n"
    ".global tallycast_lua_begin\n"
    ".global tallycast_lua_end\n"
    "tallycast_lua_begin:\n"
    ".incbin \"" TALLYCAST_LUA_FILE
    "\"\n"
    "tallycast_lua_end:\n"
    ".byte 0\n"
    ".text\n");

extern "C" {
extern const char tallycast_lua_begin;
extern const char tallycast_lua_end;
}

namespace tallycast::redis {

std::string_view library_text() {
    return {&tallycast_lua_begin,
            static_cast<std::size_t>(&tallycast_lua_end - &tallycast_lua_begin)};
}

}  // namespace tallycast::redis
