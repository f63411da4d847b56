#pragma once
// When the questions of an open loop fall due: steps at a steady rate and ramps from one rate to
// another, one after the other. Pure. Question n falls due when the area under the rates has grown
// to n.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tallycast::load {

struct rate_step {
    double from = 0;  // questions a second
    double to = 0;    // the same as `from`: no ramp
    std::chrono::duration<double> lasts{0};

    double questions() const { return (from + to) / 2 * lasts.count(); }
    std::string name() const;  // "1000" or "1000-5000"
};

class schedule {
public:
    // One rate for as long as there are questions.
    static schedule steady(double rate);
    // So many that come in a rush and die away: four times the mean at first, almost none at last.
    static schedule burst(double questions, std::chrono::duration<double> lasts);
    // "1000:10,2000:10,2000-8000:30": rate or ramp, a colon, seconds. None when it is not of this
    // form, or when a rate or a time is not above 0.
    static std::optional<schedule> parse(std::string_view text);

    // How many fall due in all its steps. Those after them follow at the last rate.
    std::uint64_t questions() const;
    std::chrono::duration<double> due(std::uint64_t question) const;
    // Which step a question falls into; those after the last step belong to it.
    std::size_t step_of(std::uint64_t question) const;
    const std::vector<rate_step>& steps() const noexcept { return steps_; }

    // The same course at one `parts`-th of its rates.
    schedule share(std::size_t parts) const;

private:
    explicit schedule(std::vector<rate_step> steps) : steps_(std::move(steps)) {}
    std::vector<rate_step> steps_;  // at least one
};

}  // namespace tallycast::load
