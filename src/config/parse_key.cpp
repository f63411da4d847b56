// Keys of parse_value.hpp.

#include "parse_value.hpp"

#include <algorithm>
#include <set>

namespace tallycast::config {

namespace {

constexpr std::size_t token_secret_bytes = 32;
constexpr std::size_t max_key_length = 256;
constexpr std::size_t max_token_key_id = 16;

base::failure wrong(std::string why) { return {base::errc::invalid_request, std::move(why)}; }

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool is_key_id(std::string_view text) {
    return !text.empty() && text.size() <= max_token_key_id &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
           });
}

base::result<token_key> parse_token_key(std::string_view text, std::size_t position) {
    const std::string which = "key " + std::to_string(position);
    const auto colon = text.find(':');
    if (colon == std::string_view::npos)
        return wrong(which + " is not id:hex (64 hexadecimal digits)");
    if (!is_key_id(text.substr(0, colon)))
        return wrong(which + " needs an id of 1 to 16 letters and digits");
    token_key key{std::string(text.substr(0, colon)), {}};
    const std::string_view hex = text.substr(colon + 1);
    const bool digits =
        std::all_of(hex.begin(), hex.end(), [](char c) { return hex_digit(c) >= 0; });
    if (!digits || hex.size() != 2 * token_secret_bytes)
        return wrong("key \"" + key.id +
                     "\" needs exactly 64 hexadecimal digits (32 bytes) after its colon");
    for (std::size_t i = 0; i < hex.size(); i += 2)
        key.secret.push_back(static_cast<char>(hex_digit(hex[i]) * 16 + hex_digit(hex[i + 1])));
    return key;
}

}  // namespace

base::result<std::string> parse_key(std::string_view text) {
    const bool visible =
        std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
    if (!visible) return wrong("a key has visible ASCII characters only, and no blanks");
    if (text.size() > max_key_length) return wrong("a key has at most 256 characters");
    if (text.starts_with("tcv_") || text.starts_with("tcw_"))
        return wrong("a key must not begin as voter and watcher tokens do (tcv_, tcw_)");
    return std::string(text);
}

base::result<std::vector<token_key>> parse_token_keys(std::string_view text) {
    std::string by_comma(trimmed(text));
    std::replace(by_comma.begin(), by_comma.end(), '\n', ',');
    std::vector<token_key> keys;
    std::set<std::string> ids;
    for (const auto& item : split_list(by_comma)) {
        auto key = parse_token_key(item, keys.size() + 1);
        if (!key) return key.error();
        if (!ids.insert(key->id).second) return wrong("the id \"" + key->id + "\" stands twice");
        keys.push_back(std::move(*key));
    }
    return keys;
}

}  // namespace tallycast::config
