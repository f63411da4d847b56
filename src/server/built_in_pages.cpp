#include <tallycast/base/embedded_file.hpp>
#include <tallycast/server/pages.hpp>

#include <cassert>

#ifdef TALLYCAST_PAGES_FILE
TALLYCAST_EMBEDDED_FILE(pages_bundle, TALLYCAST_PAGES_FILE)
#endif

namespace tallycast::server {

std::vector<net::asset_file> built_in_pages() {
#ifdef TALLYCAST_PAGES_FILE
    auto files = net::read_bundle(pages_bundle());
    assert(files);  // we built it ourselves
    return std::move(*files);
#else
    return {};
#endif
}

}  // namespace tallycast::server
