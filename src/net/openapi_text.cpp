#include <tallycast/base/embedded_file.hpp>
#include <tallycast/net/openapi_text.hpp>

TALLYCAST_EMBEDDED_FILE(openapi_file, TALLYCAST_OPENAPI_FILE)

namespace tallycast::net {

std::string_view openapi_text() { return openapi_file(); }

}  // namespace tallycast::net
