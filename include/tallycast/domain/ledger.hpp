#pragma once
// Where every received ballot went. `received` is counted where ballots arrive, the outcomes where
// they are decided; at rest they agree, and balances() is how anyone checks it.

#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>

namespace tallycast::domain {

enum class rejection : std::uint8_t {
    invalid,
    unauthorised,
    not_open,
    late,
    already_voted,
    limited,
    overloaded,
    store
};
inline constexpr std::size_t rejection_kinds = 8;

struct ledger {
    std::uint64_t received = 0;
    std::uint64_t counted = 0;
    std::uint64_t changed = 0;
    std::uint64_t replayed = 0;
    std::uint64_t withdrawn = 0;
    std::array<std::uint64_t, rejection_kinds> rejected{};

    std::uint64_t& of(rejection why) { return rejected[static_cast<std::size_t>(why)]; }
    std::uint64_t of(rejection why) const { return rejected[static_cast<std::size_t>(why)]; }

    ledger& operator+=(const ledger& other) {
        received += other.received;
        counted += other.counted;
        changed += other.changed;
        replayed += other.replayed;
        withdrawn += other.withdrawn;
        for (std::size_t i = 0; i < rejection_kinds; ++i) rejected[i] += other.rejected[i];
        return *this;
    }
    friend bool operator==(const ledger&, const ledger&) = default;
};

inline std::uint64_t voters(const ledger& l) { return l.counted - l.withdrawn; }

inline bool balances(const ledger& l) {
    const auto refused = std::accumulate(l.rejected.begin(), l.rejected.end(), std::uint64_t{0});
    return l.received == l.counted + l.changed + l.replayed + l.withdrawn + refused;
}

}  // namespace tallycast::domain
