#include <tallycast/app/token.hpp>

#include <algorithm>
#include <optional>

namespace tallycast::app {

namespace {

constexpr std::size_t event_bytes = 16;
constexpr std::size_t claims_bytes = event_bytes + 8 + 4 + 4 + 2;
constexpr std::size_t mac_bytes = 32;
constexpr std::uint64_t token_version = 1;

void put(std::string& out, std::uint64_t value, int bytes) {
    for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8)
        out += static_cast<char>(value >> shift & 255);
}

std::uint64_t get(std::string_view bytes) {
    std::uint64_t value = 0;
    for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
    return value;
}

std::uint64_t seconds_of(base::wall_time t) {
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::seconds>(t.time_since_epoch()).count());
}

base::wall_time time_of(std::uint64_t seconds) {
    return base::wall_time{std::chrono::seconds{seconds}};
}

std::string_view prefix_of(token_kind kind) { return kind == token_kind::voter ? "tcv_" : "tcw_"; }

std::string claims_text(const token_claims& claims) {
    std::string text = claims.event.str();
    text.resize(event_bytes, '\0');
    put(text, claims.number.value, 8);
    put(text, seconds_of(claims.issued), 4);
    put(text, seconds_of(claims.expires), 4);
    put(text, token_version, 2);
    return text;
}

token_claims claims_of(token_kind kind, std::string_view text) {
    const auto event = text.substr(0, event_bytes);
    return {kind,
            base::event_id{event.substr(0, event.find('\0'))},
            {get(text.substr(16, 8))},
            time_of(get(text.substr(24, 4))),
            time_of(get(text.substr(28, 4)))};
}

base::failure invalid() {
    return {base::errc::voter_token_invalid, "The token is not one of ours."};
}

std::optional<token_kind> kind_of(std::string_view token) {
    for (const auto kind : {token_kind::voter, token_kind::watcher})
        if (token.starts_with(prefix_of(kind))) return kind;
    return std::nullopt;
}

}  // namespace

token_signer::token_signer(const std::vector<signing_key>& keys) {
    for (const auto& key : keys) keys_.push_back({key.id, hmac_sha256{key.secret}});
}

std::string token_signer::sign(const token_claims& claims) {
    auto& key = keys_.front();
    const std::string head = std::string(prefix_of(claims.kind)) + key.id + '.';
    std::string body = claims_text(claims);
    const auto mac = key.mac.of(head + body);
    body.append(reinterpret_cast<const char*>(mac.data()), mac.size());
    return head + base64url({reinterpret_cast<const unsigned char*>(body.data()), body.size()});
}

base::result<token_claims> token_signer::verify(std::string_view token, base::wall_time now) {
    const auto kind = kind_of(token);
    const auto dot = token.find('.');
    if (!kind || token.size() > max_token_length || dot == std::string_view::npos) return invalid();
    const auto key = std::ranges::find(keys_, token.substr(4, dot - 4), &prepared_key::id);
    const auto body = from_base64url(token.substr(dot + 1));
    if (key == keys_.end() || !body || body->size() != claims_bytes + mac_bytes) return invalid();

    const auto text = std::string_view{*body}.substr(0, claims_bytes);
    const auto mac = key->mac.of(std::string(token.substr(0, dot + 1)).append(text));
    const std::string_view expected{reinterpret_cast<const char*>(mac.data()), mac.size()};
    if (!equal_in_constant_time(expected, std::string_view{*body}.substr(claims_bytes)))
        return invalid();

    auto claims = claims_of(*kind, text);
    if (get(text.substr(32, 2)) != token_version) return invalid();
    if (claims.expires <= now)
        return base::failure{base::errc::voter_token_expired, "The token has expired; join again."};
    return claims;
}

}  // namespace tallycast::app
