#pragma once
// Voter and watcher tokens: signed by the node, checked with no look-up.
//
//   token   = prefix key-id "." base64url(claims mac)         prefix = "tcv_" voter | "tcw_"
//   watcher claims  = event id, zero-filled to 16 · number (8) · issued (4) · expires (4) · version
//   (2)   34 bytes mac     = the first 32 bytes of HMAC-SHA-256(key, prefix key-id "." claims)
//
// Integers are big-endian, times in seconds since 1970. 66 bytes make 88 characters with no spare
// bits, so every changed bit of a token's text changes what it says, or makes it no token.

#include <tallycast/app/crypto.hpp>
#include <tallycast/base/error.hpp>
#include <tallycast/base/id.hpp>
#include <tallycast/base/time.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tallycast::app {

enum class token_kind : std::uint8_t { voter = 1, watcher };

inline constexpr std::size_t max_token_length = 128;

struct token_claims {
    token_kind kind = token_kind::voter;
    base::event_id event;       // at most 16 characters
    base::voter_number number;  // 0 for a watcher
    base::wall_time issued{};
    base::wall_time expires{};
};

struct signing_key {
    std::string id;      // 1 to 16 letters and digits
    std::string secret;  // 32 bytes
};

// Signs with the first key and verifies with all. Belongs to one thread.
class token_signer {
public:
    explicit token_signer(const std::vector<signing_key>& keys);

    std::string sign(const token_claims& claims);

    // voter_token_invalid for whatever is not a token of these keys, with one message for all;
    // voter_token_expired when only its time is over.
    base::result<token_claims> verify(std::string_view token, base::wall_time now);

private:
    struct prepared_key {
        std::string id;
        hmac_sha256 mac;
    };
    std::vector<prepared_key> keys_;
};

}  // namespace tallycast::app
