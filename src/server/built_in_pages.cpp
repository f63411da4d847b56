#include <tallycast/server/pages.hpp>

#include <cassert>
#include <cstddef>
#include <string_view>

#ifdef TALLYCAST_PAGES_FILE
__asm__(
    ".section .rodata\n"
    ".global tallycast_pages_begin\n"
    ".global tallycast_pages_end\n"
    "tallycast_pages_begin:\n"
    ".incbin \"" TALLYCAST_PAGES_FILE
    "\"\n"
    "tallycast_pages_end:\n"
    ".byte 0\n"
    ".text\n");

extern "C" {
extern const char tallycast_pages_begin;
extern const char tallycast_pages_end;
}
#endif

namespace tallycast::server {

std::vector<net::asset_file> built_in_pages() {
#ifdef TALLYCAST_PAGES_FILE
    const auto size = static_cast<std::size_t>(&tallycast_pages_end - &tallycast_pages_begin);
    auto files = net::read_bundle({&tallycast_pages_begin, size});
    assert(files);  // we built it ourselves
    return std::move(*files);
#else
    return {};
#endif
}

}  // namespace tallycast::server
