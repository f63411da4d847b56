// Tokens: what the input makes of a good one is refused, unless it is that very one; what it makes
// from nothing is refused too; and what is signed is what is read.

#include <tallycast/app/token.hpp>

#include <fuzz/expect.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

using namespace tallycast;
using fuzz::expect;

namespace {

constexpr base::wall_time now{base::milliseconds{1'800'000'000'000}};

app::token_signer& signer() {
    static app::token_signer one({{"new", std::string(32, 'n')}, {"old", std::string(32, 'o')}});
    return one;
}

void expect_refused(std::string_view token) {
    const auto claims = signer().verify(token, now);
    expect(!claims, "what nobody signed is no token");
    expect(claims.error().code == base::errc::voter_token_invalid,
           "and nothing more is said of it");
    static const std::string words = signer().verify("", now).error().detail;
    expect(claims.error().detail == words, "one and the same message for all");
}

// Pairs of bytes: a place and what is put there; past the end it is appended, and one value
// deletes.
std::string changed(std::string token, std::span<const std::uint8_t> by) {
    for (std::size_t i = 0; i + 1 < by.size(); i += 2) {
        const std::size_t at = by[i] % (token.size() + 4);
        if (at >= token.size()) token.push_back(static_cast<char>(by[i + 1]));
        else if (by[i + 1] == 0xFF) token.erase(at, 1);
        else token[at] = static_cast<char>(by[i + 1]);
    }
    return token;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::span<const std::uint8_t> bytes(data, size);
    expect_refused(std::string_view(reinterpret_cast<const char*>(data), size));

    app::token_claims claims;
    claims.kind = size % 2 == 0 ? app::token_kind::voter : app::token_kind::watcher;
    claims.event = base::event_id("event" + std::to_string(size % 1000));
    claims.number = {claims.kind == app::token_kind::voter ? size + 1 : 0};
    claims.issued = now;
    claims.expires = now + std::chrono::hours(1);
    const std::string token = signer().sign(claims);
    expect(token.size() <= app::max_token_length, "a token keeps its length");
    const auto read = signer().verify(token, now);
    expect(read && read->kind == claims.kind && read->event == claims.event &&
               read->number == claims.number && read->issued == claims.issued &&
               read->expires == claims.expires,
           "what is signed is what is read");
    if (const std::string other = changed(token, bytes); other != token) expect_refused(other);
    return 0;
}
