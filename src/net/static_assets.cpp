#include <tallycast/net/static_assets.hpp>

#include <tallycast/app/crypto.hpp>
#include <tallycast/net/compression.hpp>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <optional>
#include <utility>

namespace tallycast::net {

namespace {

constexpr std::size_t hash_length = 8;
constexpr std::string_view asset_folder = "assets/";

constexpr std::pair<std::string_view, std::string_view> types[]{
    {".js", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".html", "text/html; charset=utf-8"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".webp", "image/webp"},
    {".woff2", "font/woff2"},
    {".json", "application/json"},
};

std::string_view type_of(std::string_view path) {
    for (const auto& [extension, type] : types)
        if (path.ends_with(extension)) return type;
    return {};
}

content_coding take_coding(std::string_view& path) {
    const auto ends = [&](std::string_view extension) {
        const bool does = path.ends_with(extension);
        if (does) path.remove_suffix(extension.size());
        return does;
    };
    if (ends(".br")) return content_coding::brotli;
    return ends(".gz") ? content_coding::gzip : content_coding::identity;
}

bool is_hash(std::string_view text) {
    return text.size() == hash_length && std::ranges::all_of(text, [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
           });
}

// "audience.js" of "assets/audience-1A2B3C4D.js"; nothing when there is no hash.
std::optional<std::string> plain_name(std::string_view path) {
    if (!path.starts_with(asset_folder)) return std::nullopt;
    path.remove_prefix(asset_folder.size());
    const auto dot = path.rfind('.');
    const auto dash = path.substr(0, dot).rfind('-');
    if (dot == std::string_view::npos || dash == std::string_view::npos) return std::nullopt;
    if (!is_hash(path.substr(dash + 1, dot - dash - 1))) return std::nullopt;
    return std::string(path.substr(0, dash)) + std::string(path.substr(dot));
}

std::string tag_of(std::string_view bytes) {
    return '"' + app::hex(app::sha256(bytes)).substr(0, 32) + '"';
}

}  // namespace

static_assets::static_assets(std::vector<asset_file> files) {
    for (auto& file : files) {
        std::string_view path = file.path;
        const auto coding = static_cast<std::size_t>(take_coding(path));
        const auto type = type_of(path);
        if (type.empty()) continue;
        const auto plain = plain_name(path);
        auto& kept = by_path_[std::string(path)];
        kept.content_type = type;
        kept.immutable = plain.has_value();
        kept.tags[coding] = tag_of(file.bytes);
        kept.bytes[coding] = std::move(file.bytes);
        if (plain) addresses_[*plain] = '/' + std::string(path);
    }
    std::erase_if(by_path_, [](const auto& entry) { return entry.second.tags.front().empty(); });
    std::erase_if(addresses_,
                  [this](const auto& entry) { return !by_path_.contains(entry.second.substr(1)); });
}

const asset* static_assets::find(std::string_view path) const {
    const auto at = by_path_.find(path);
    return at == by_path_.end() ? nullptr : &at->second;
}

std::string_view static_assets::address_of(std::string_view name) const {
    const auto at = addresses_.find(name);
    return at == addresses_.end() ? std::string_view{} : std::string_view{at->second};
}

std::shared_ptr<const static_assets> no_assets() {
    static const auto none = std::make_shared<const static_assets>();
    return none;
}

base::result<std::vector<asset_file>> read_bundle(std::string_view bytes) {
    const base::failure broken{base::errc::invalid_request, "The bundle of the pages is broken."};
    std::vector<asset_file> files;
    while (!bytes.empty()) {
        const auto end = bytes.find('\n');
        if (end == std::string_view::npos) return broken;
        const auto head = bytes.substr(0, end);
        bytes.remove_prefix(end + 1);
        const auto blank = head.rfind(' ');
        if (blank == std::string_view::npos || blank == 0) return broken;
        std::size_t length = 0;
        const auto* last = head.data() + head.size();
        const auto read = std::from_chars(head.data() + blank + 1, last, length);
        if (read.ec != std::errc{} || read.ptr != last || length > bytes.size()) return broken;
        files.push_back({std::string(head.substr(0, blank)), std::string(bytes.substr(0, length))});
        bytes.remove_prefix(length);
    }
    return files;
}

content_coding choose_coding(const asset& kept, std::string_view accept_encoding) {
    for (const auto coding : {content_coding::brotli, content_coding::gzip})
        if (!kept.tags[static_cast<std::size_t>(coding)].empty() &&
            takes_coding(accept_encoding, name_of(coding)))
            return coding;
    return content_coding::identity;
}

std::string_view name_of(content_coding coding) {
    switch (coding) {
        case content_coding::brotli: return "br";
        case content_coding::gzip: return "gzip";
        case content_coding::identity: break;
    }
    return {};
}

}  // namespace tallycast::net
