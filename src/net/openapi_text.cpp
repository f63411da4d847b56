#include <tallycast/net/openapi_text.hpp>

#include <cstddef>

// g++ 12 has no #embed; the assembler has.
__asm__(
    ".section .rodata\n"
    ".global tallycast_openapi_begin\n"
    ".global tallycast_openapi_end\n"
    "tallycast_openapi_begin:\n"
    ".incbin \"" TALLYCAST_OPENAPI_FILE
    "\"\n"
    "tallycast_openapi_end:\n"
    ".byte 0\n"
    ".text\n");

extern "C" {
extern const char tallycast_openapi_begin;
extern const char tallycast_openapi_end;
}

namespace tallycast::net {

std::string_view openapi_text() {
    return {&tallycast_openapi_begin,
            static_cast<std::size_t>(&tallycast_openapi_end - &tallycast_openapi_begin)};
}

}  // namespace tallycast::net
