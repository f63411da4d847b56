#pragma once
// The machine's clocks. Any thread.

#include <tallycast/ports/clock.hpp>

namespace tallycast::telemetry {

class system_clock final : public ports::clock {
public:
    base::wall_time wall() const override {
        return std::chrono::floor<base::milliseconds>(std::chrono::system_clock::now());
    }
    base::mono_time mono() const override { return std::chrono::steady_clock::now(); }
};

}  // namespace tallycast::telemetry
