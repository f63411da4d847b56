#pragma once
// The primaries that were greeted, so that one which stands where another history stood is noticed.
// Pure.

#include "greeter.hpp"

#include <vector>

namespace tallycast::redis {

class met_primaries {
public:
    // Whether slots it owns were another history's before; remembers it in the place of whoever had
    // them.
    bool is_another(const primary& who);

private:
    std::vector<primary> met_;
};

}  // namespace tallycast::redis
