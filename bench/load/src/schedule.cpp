#include <tallycast/load/schedule.hpp>

#include <charconv>
#include <cmath>

namespace tallycast::load {

namespace {

constexpr double longest_s = 86'400;
constexpr double highest_rate = 1e7;

// A rush falls to the e-th part so often, along so many straight pieces.
constexpr double falls = 4;
constexpr int pieces = 8;

// A number above 0 and not above `most` that fills the text.
std::optional<double> positive(std::string_view text, double most) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value > 0 && value <= most ? std::optional(value) : std::nullopt;
}

std::optional<rate_step> parse_step(std::string_view text) {
    const auto colon = text.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const auto rates = text.substr(0, colon);
    const auto dash = rates.find('-');
    const auto from = positive(rates.substr(0, dash), highest_rate);
    const auto to =
        dash == std::string_view::npos ? from : positive(rates.substr(dash + 1), highest_rate);
    const auto lasts = positive(text.substr(colon + 1), longest_s);
    if (!from || !to || !lasts) return std::nullopt;
    return rate_step{*from, *to, std::chrono::duration<double>(*lasts)};
}

std::string shown(double rate) {
    std::string text = std::to_string(rate);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.ends_with('.')) text.pop_back();
    return text;
}

}  // namespace

std::string rate_step::name() const {
    return from == to ? shown(from) : shown(from) + "-" + shown(to);
}

schedule schedule::steady(double rate) {
    return schedule({{rate, rate, std::chrono::duration<double>(0)}});
}

schedule schedule::burst(double questions, std::chrono::duration<double> lasts) {
    std::vector<rate_step> steps;
    double area = 0;
    for (int i = 0; i < pieces; ++i) {
        steps.push_back(
            {std::exp(-falls * i / pieces), std::exp(-falls * (i + 1) / pieces), lasts / pieces});
        area += steps.back().questions();
    }
    for (auto& each : steps) {
        each.from *= questions / area;
        each.to *= questions / area;
    }
    return schedule(std::move(steps));
}

std::optional<schedule> schedule::parse(std::string_view text) {
    std::vector<rate_step> steps;
    for (;;) {
        const auto comma = text.find(',');
        const auto step = parse_step(text.substr(0, comma));
        if (!step) return std::nullopt;
        steps.push_back(*step);
        if (comma == std::string_view::npos) return schedule(std::move(steps));
        text.remove_prefix(comma + 1);
    }
}

std::uint64_t schedule::questions() const {
    double all = 0;
    for (const auto& each : steps_) all += each.questions();
    return static_cast<std::uint64_t>(all);
}

// Within a step that begins with the rate r and grows by a each second, n = r t + a t^2 / 2; solved
// in the form that holds for a = 0 too.
std::chrono::duration<double> schedule::due(std::uint64_t question) const {
    auto left = static_cast<double>(question);
    std::chrono::duration<double> begun{0};
    for (const auto& each : steps_) {
        if (left < each.questions()) {
            const double growth = (each.to - each.from) / each.lasts.count();
            const double root = std::sqrt(each.from * each.from + 2 * growth * left);
            return begun + std::chrono::duration<double>(2 * left / (each.from + root));
        }
        left -= each.questions();
        begun += each.lasts;
    }
    return begun + std::chrono::duration<double>(left / steps_.back().to);
}

std::size_t schedule::step_of(std::uint64_t question) const {
    auto left = static_cast<double>(question);
    for (std::size_t i = 0; i + 1 < steps_.size(); ++i) {
        if (left < steps_[i].questions()) return i;
        left -= steps_[i].questions();
    }
    return steps_.size() - 1;
}

schedule schedule::share(std::size_t parts) const {
    auto made = steps_;
    for (auto& each : made) {
        each.from /= static_cast<double>(parts);
        each.to /= static_cast<double>(parts);
    }
    return schedule(std::move(made));
}

}  // namespace tallycast::load
