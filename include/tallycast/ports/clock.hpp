#pragma once
// The two clocks of a node. Tests pass their own. Both functions may be called from any thread.

#include <tallycast/base/time.hpp>

namespace tallycast::ports {

class clock {
public:
    virtual ~clock() = default;
    virtual base::wall_time wall() const = 0;
    virtual base::mono_time mono() const = 0;
};

}  // namespace tallycast::ports
