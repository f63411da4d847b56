#include <tallycast/server/pages.hpp>

#include <fstream>
#include <iterator>
#include <utility>

namespace tallycast::server {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t most_files = 256;
constexpr std::size_t most_bytes = 4 * 1024 * 1024;  // of one file

base::failure unfit(const fs::path& what, std::string_view why) {
    return {base::errc::invalid_request, "ui-dir: " + what.string() + ' ' + std::string(why)};
}

base::result<std::string> content_of(const fs::path& file) {
    std::ifstream from(file, std::ios::binary);
    std::string bytes(most_bytes + 1, '\0');
    from.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    if (from.bad() || !from.is_open()) return unfit(file, "cannot be read");
    bytes.resize(static_cast<std::size_t>(from.gcount()));
    if (bytes.size() > most_bytes) return unfit(file, "is larger than 4 MiB");
    return bytes;
}

}  // namespace

base::result<std::vector<net::asset_file>> pages_in(const fs::path& folder) {
    std::vector<net::asset_file> files;
    std::error_code ec;
    // A link could lead out of the folder, so none is followed, and none is a file of it.
    fs::recursive_directory_iterator at(folder, ec);
    for (; !ec && at != fs::recursive_directory_iterator{}; at.increment(ec)) {
        if (!fs::is_regular_file(at->symlink_status(ec))) continue;
        if (files.size() == most_files) return unfit(folder, "holds more than 256 files");
        auto bytes = content_of(at->path());
        if (!bytes) return bytes.error();
        files.push_back({at->path().lexically_relative(folder).generic_string(), *bytes});
    }
    if (ec) return unfit(folder, "cannot be read: " + ec.message());
    return files;
}

base::result<std::shared_ptr<const net::static_assets>> assets_of(const std::string& ui_dir) {
    if (ui_dir.empty()) return std::make_shared<const net::static_assets>(built_in_pages());
    auto files = pages_in(ui_dir);
    if (!files) return files.error();
    return std::make_shared<const net::static_assets>(std::move(*files));
}

}  // namespace tallycast::server
