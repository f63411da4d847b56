#include "text_file.hpp"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

namespace tallycast::config {

base::result<std::string> read_text_file(const std::string& path) {
    constexpr std::size_t largest = 1 << 20;
    const auto wrong = [&](const std::string& why) {
        return base::failure{base::errc::invalid_request, '"' + path + "\" " + why};
    };
    std::error_code ec;
    if (std::filesystem::is_directory(path, ec)) return wrong("is a folder");
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    if (!file) return wrong("cannot be read: " + std::generic_category().message(errno));
    // Not asked for its size: a secret may be given as a pipe.
    std::string content;
    for (std::istreambuf_iterator<char> at(file), end; at != end; ++at) {
        if (content.size() == largest) return wrong("is larger than 1 MiB");
        content.push_back(*at);
    }
    if (file.bad()) return wrong("cannot be read to its end");
    return content;
}

}  // namespace tallycast::config
