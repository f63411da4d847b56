// The configuration file, through the whole of load(): settings come out, or a list of what is
// wrong that names options and lines. The file lives in memory.

#include <tallycast/config/load.hpp>

#include <fuzz/expect.hpp>

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

using namespace tallycast;
using fuzz::expect;

namespace {

const std::string& path_of(std::string_view content) {
    static const int file = memfd_create("node.toml", 0);
    static const std::string path = "/proc/self/fd/" + std::to_string(file);
    expect(file >= 0 && ftruncate(file, 0) == 0, "the memory file is there");
    expect(pwrite(file, content.data(), content.size(), 0) == static_cast<ssize_t>(content.size()),
           "it takes the content");
    return path;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view content(reinterpret_cast<const char*>(data), size);
    // Files named by the file are somebody else's.
    if (content.find("file") != std::string_view::npos ||
        content.find('\\') != std::string_view::npos)
        return 0;
    const auto outcome = config::load({"--config", path_of(content)}, {});
    expect(!std::holds_alternative<config::help>(outcome), "a file does not ask for help");
    if (const auto* settings = std::get_if<config::settings>(&outcome)) {
        expect(!settings->listen.address.empty() && !settings->as_text.empty(),
               "settings are complete");
        return 0;
    }
    const auto& bad = std::get<std::vector<config::bad_option>>(outcome);
    expect(!bad.empty() && !config::describe(bad).empty(), "a refusal says what is wrong");
    for (const auto& option : bad)
        expect(!option.name.empty() && !option.why.empty(), "each fault has a name and a reason");
    return 0;
}
