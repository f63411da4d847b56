#include <tallycast/app/crypto.hpp>

#include <tallycast/domain/event.hpp>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/core_names.h>
#include <openssl/rand.h>

#include <stdexcept>
#include <utility>

namespace tallycast::app {

namespace {

constexpr std::string_view base64url_digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::array<int, 256> make_base64url_values() {
    std::array<int, 256> values{};
    for (auto& v : values) v = -1;
    for (std::size_t i = 0; i < base64url_digits.size(); ++i)
        values[static_cast<unsigned char>(base64url_digits[i])] = static_cast<int>(i);
    return values;
}

constexpr auto base64url_values = make_base64url_values();

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

[[noreturn]] void crypto_failed(const char* what) {
    throw std::runtime_error(std::string("OpenSSL: ") + what + " failed");
}

// A uniformly random index below `bound`, by refusing the uneven rest.
std::size_t random_below(std::size_t bound) {
    const auto limit = 256 - 256 % bound;
    for (;;) {
        unsigned char byte;
        fill_random({&byte, 1});
        if (byte < limit) return byte % bound;
    }
}

std::string random_text(std::string_view alphabet, std::size_t length) {
    std::string text(length, '\0');
    for (auto& c : text) c = alphabet[random_below(alphabet.size())];
    return text;
}

}  // namespace

digest256 sha256(std::string_view bytes) {
    digest256 out;
    if (EVP_Digest(bytes.data(), bytes.size(), out.data(), nullptr, EVP_sha256(), nullptr) != 1)
        crypto_failed("SHA-256");
    return out;
}

std::string websocket_accept(std::string_view sec_websocket_key) {
    const std::string text =
        std::string(sec_websocket_key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    std::array<unsigned char, 20> digest;
    if (EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha1(), nullptr) != 1)
        crypto_failed("SHA-1");
    std::array<unsigned char, 32> encoded;
    const int length =
        EVP_EncodeBlock(encoded.data(), digest.data(), static_cast<int>(digest.size()));
    return {reinterpret_cast<const char*>(encoded.data()), static_cast<std::size_t>(length)};
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

void fill_random(std::span<unsigned char> out) {
    if (RAND_bytes(out.data(), static_cast<int>(out.size())) != 1) crypto_failed("RAND_bytes");
}

std::string hex(std::span<const unsigned char> bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const unsigned char b : bytes) {
        text += digits[b >> 4];
        text += digits[b & 15];
    }
    return text;
}

std::optional<std::string> from_hex(std::string_view text) {
    if (text.size() % 2 != 0) return std::nullopt;
    std::string bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = hex_value(text[i]);
        const int low = hex_value(text[i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        bytes += static_cast<char>(high * 16 + low);
    }
    return bytes;
}

std::string base64url(std::span<const unsigned char> bytes) {
    std::string text;
    text.reserve((bytes.size() * 4 + 2) / 3);
    std::uint32_t bits = 0;
    int held = 0;
    for (const unsigned char b : bytes) {
        bits = bits << 8 | b;
        held += 8;
        while (held >= 6) {
            held -= 6;
            text += base64url_digits[bits >> held & 63];
        }
    }
    if (held > 0) text += base64url_digits[bits << (6 - held) & 63];
    return text;
}

std::optional<std::string> from_base64url(std::string_view text) {
    if (text.size() % 4 == 1) return std::nullopt;
    std::string bytes(text.size() * 3 / 4, '\0');
    char* to = bytes.data();
    const auto value_at = [&](std::size_t i) {
        return base64url_values[static_cast<unsigned char>(text[i])];
    };
    for (; text.size() >= 4; text.remove_prefix(4)) {
        const int four = value_at(0) << 18 | value_at(1) << 12 | value_at(2) << 6 | value_at(3);
        if (four < 0) return std::nullopt;  // one of them was
        *to++ = static_cast<char>(four >> 16);
        *to++ = static_cast<char>(four >> 8);
        *to++ = static_cast<char>(four);
    }
    std::uint32_t bits = 0;
    int held = 0;
    for (const char c : text) {
        const int value = base64url_values[static_cast<unsigned char>(c)];
        if (value < 0) return std::nullopt;
        bits = bits << 6 | static_cast<std::uint32_t>(value);
        held += 6;
        if (held >= 8) {
            held -= 8;
            *to++ = static_cast<char>(bits >> held & 255);
        }
    }
    // The bits left over must be zero, or two texts would mean the same bytes.
    if (held > 0 && (bits & ((1u << held) - 1)) != 0) return std::nullopt;
    return bytes;
}

std::string random_id() { return random_text("0123456789abcdefghijklmnopqrstuvwxyz", 15); }

std::string random_code(std::size_t length) { return random_text(domain::code_alphabet, length); }

struct hmac_sha256::context {
    EVP_MAC* mac = nullptr;
    EVP_MAC_CTX* running = nullptr;
    ~context() {
        EVP_MAC_CTX_free(running);
        EVP_MAC_free(mac);
    }
};

hmac_sha256::hmac_sha256(std::string_view key) : context_(std::make_unique<context>()) {
    context_->mac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
    context_->running = EVP_MAC_CTX_new(context_->mac);
    std::string digest = "SHA256";
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
        OSSL_PARAM_construct_end()};
    if (context_->running == nullptr ||
        EVP_MAC_init(context_->running, reinterpret_cast<const unsigned char*>(key.data()),
                     key.size(), parameters) != 1)
        crypto_failed("HMAC");
}

hmac_sha256::~hmac_sha256() = default;
hmac_sha256::hmac_sha256(hmac_sha256&&) noexcept = default;
hmac_sha256& hmac_sha256::operator=(hmac_sha256&&) noexcept = default;

digest256 hmac_sha256::of(std::string_view bytes) {
    digest256 out;
    std::size_t length = 0;
    // Without a key, init begins again with the one prepared before.
    if (EVP_MAC_init(context_->running, nullptr, 0, nullptr) != 1 ||
        EVP_MAC_update(context_->running, reinterpret_cast<const unsigned char*>(bytes.data()),
                       bytes.size()) != 1 ||
        EVP_MAC_final(context_->running, out.data(), &length, out.size()) != 1 ||
        length != out.size())
        crypto_failed("HMAC");
    return out;
}

}  // namespace tallycast::app
