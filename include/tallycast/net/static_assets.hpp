#pragma once
// The files of the pages as they are sent: each with its encodings, its type and its entity tags.
// Made when the node starts or reads its configuration again; only read afterwards, by every core.
//
// A file is known by its path: "studio.html", "assets/audience-1A2B3C4D.js". A name with such a
// hash never changes its content, so it may be kept for ever. "….br" and "….gz" beside a file are
// the same bytes, compressed. A bundle holds files one after another, each as
//
//   <path> <length in bytes>\n<the bytes>

#include <tallycast/base/error.hpp>

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tallycast::net {

struct asset_file {
    std::string path;
    std::string bytes;
};

// In the order of preference, the last best.
enum class content_coding : std::uint8_t { identity, gzip, brotli };

struct asset {
    std::string_view content_type;
    bool immutable = false;
    // By coding; an empty tag: not kept in this one. The identity is always there.
    std::array<std::string, 3> bytes;
    std::array<std::string, 3> tags;  // strong entity tags, with their quotes
};

class static_assets {
public:
    static_assets() = default;
    // A compressed copy without its file is left out, and so is a file of a type we do not send.
    explicit static_assets(std::vector<asset_file> files);

    // Null when there is none.
    const asset* find(std::string_view path) const;

    // The address of a file in assets/, by the name it has without its hash: "audience.js". Empty
    // when there is none.
    std::string_view address_of(std::string_view name) const;

private:
    std::map<std::string, asset, std::less<>> by_path_;
    std::map<std::string, std::string, std::less<>> addresses_;
};

std::shared_ptr<const static_assets> no_assets();

// invalid_request when the bytes are no bundle.
base::result<std::vector<asset_file>> read_bundle(std::string_view bytes);

// The best coding of `kept` that a client takes, by its Accept-Encoding; a client that takes none
// of them is sent the identity, which all can read.
content_coding choose_coding(const asset& kept, std::string_view accept_encoding);

// The name of a coding in Content-Encoding; empty for the identity.
std::string_view name_of(content_coding coding);

}  // namespace tallycast::net
