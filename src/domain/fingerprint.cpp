#include <tallycast/domain/fingerprint.hpp>

namespace tallycast::domain {

namespace {

// The finaliser of SplitMix64 (Steele, Lea, Flood 2014): every input bit moves every output bit.
constexpr std::uint64_t finish(std::uint64_t h) {
    h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9ULL;
    h = (h ^ (h >> 27)) * 0x94d049bb133111ebULL;
    return h ^ (h >> 31);
}

// The low 24 bits are what the smaller record keeps, so they must not be all zero.
std::uint32_t tag_from(std::uint64_t hash, std::uint32_t keyed) {
    auto tag = static_cast<std::uint32_t>(hash) << 1 | keyed;
    if ((tag & 0xffffffu) == 0) tag |= 2;
    return tag;
}

}  // namespace

std::uint64_t mix(std::string_view bytes, std::uint64_t seed) {
    // FNV-1a, finished.
    std::uint64_t h = 0xcbf29ce484222325ULL ^ finish(seed + 0x9e3779b97f4a7c15ULL);
    for (const char c : bytes) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    return finish(h);
}

std::uint32_t tag_of_key(std::string_view idempotency_key) {
    return tag_from(mix(idempotency_key), 1);
}

std::uint32_t tag_of_ballot(ballot vote) { return tag_from(finish(vote.bits), 0); }

std::uint16_t body_of(ballot vote) {
    if (vote.empty()) return 0;
    const auto body = static_cast<std::uint16_t>(finish(vote.bits) >> 40);
    return body == 0 ? 1 : body;
}

}  // namespace tallycast::domain
