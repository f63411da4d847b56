#pragma once
// The only door to OpenSSL: digests, keyed digests, random bytes and their text forms.
// Functions are thread-safe; an hmac_sha256 belongs to one thread.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tallycast::app {

using digest256 = std::array<unsigned char, 32>;

digest256 sha256(std::string_view bytes);

// As RFC 6455 wants it for Sec-WebSocket-Accept; for nothing else.
std::string websocket_accept(std::string_view sec_websocket_key);

// Takes as long for a difference in the first byte as in the last; the lengths are no secret.
bool equal_in_constant_time(std::string_view a, std::string_view b);

void fill_random(std::span<unsigned char> out);

std::string hex(std::span<const unsigned char> bytes);
std::optional<std::string> from_hex(std::string_view text);

// Without padding. from_base64url takes only the one canonical form of a value.
std::string base64url(std::span<const unsigned char> bytes);
std::optional<std::string> from_base64url(std::string_view text);

// 15 random characters of [0-9a-z] (77 bits).
std::string random_id();

// Random letters and digits without look-alikes, as domain::code_alphabet has them.
std::string random_code(std::size_t length);

// HMAC-SHA-256 with its key prepared once.
class hmac_sha256 {
public:
    explicit hmac_sha256(std::string_view key);
    ~hmac_sha256();
    hmac_sha256(hmac_sha256&&) noexcept;
    hmac_sha256& operator=(hmac_sha256&&) noexcept;

    digest256 of(std::string_view bytes);

private:
    struct context;
    std::unique_ptr<context> context_;
};

}  // namespace tallycast::app
