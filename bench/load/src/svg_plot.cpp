#include <tallycast/load/svg_plot.hpp>

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <sstream>

namespace tallycast::load {

namespace {

constexpr double width = 960;
constexpr double height = 360;
constexpr double left = 70;
constexpr double right = 20;
constexpr double top = 60;
constexpr double bottom = 40;

// 1, 2 or 5 times a power of ten, at least so much.
double round_up(double value) {
    const double ten = std::pow(10, std::floor(std::log10(std::max(value, 1.0))));
    for (const double times : {1.0, 2.0, 5.0}) {
        if (value <= times * ten) return times * ten;
    }
    return 10 * ten;
}

struct scales {
    double seconds = 1;
    double rate = 1;
    double x(double second) const { return left + second / seconds * (width - left - right); }
    double y(double each) const { return height - bottom - each / rate * (height - top - bottom); }
};

scales scales_of(const std::vector<plotted_phase>& phases) {
    scales made;
    double most = 1;
    for (const auto& each : phases) {
        made.seconds = std::max(made.seconds, each.begins_s + each.lasts_s);
        for (const auto count : each.per_second) most = std::max(most, static_cast<double>(count));
    }
    made.rate = round_up(most);
    return made;
}

void write_text(std::ostream& out, double x, double y, const char* anchor,
                const std::string& text) {
    out << "<text x=\"" << x << "\" y=\"" << y << "\" text-anchor=\"" << anchor << "\">" << text
        << "</text>\n";
}

void write_axes(std::ostream& out, const scales& to) {
    constexpr int parts = 4;
    const auto shown = [](double value) {
        std::ostringstream text;
        text << std::setprecision(4) << value;
        return text.str();
    };
    for (int i = 0; i <= parts; ++i) {
        const double rate = to.rate * i / parts;
        out << "<path class=\"grid\" d=\"M" << left << " " << to.y(rate) << "H" << width - right
            << "\"/>\n";
        write_text(out, left - 8, to.y(rate) + 4, "end", shown(rate));
        const double second = std::round(to.seconds * 10 * i / parts) / 10;
        write_text(out, to.x(second), height - bottom + 18, "middle", shown(second) + " s");
    }
}

void write_phase(std::ostream& out, const plotted_phase& phase, const scales& to, bool is_odd) {
    const double begin = to.x(phase.begins_s);
    const double end = to.x(phase.begins_s + phase.lasts_s);
    if (is_odd)
        out << "<rect class=\"band\" x=\"" << begin << "\" y=\"" << top << "\" width=\""
            << end - begin << "\" height=\"" << height - top - bottom << "\"/>\n";
    write_text(out, (begin + end) / 2, top - 20, "middle", phase.name);
    if (phase.per_second.empty()) return;
    std::ostringstream p99;
    p99 << std::setprecision(3) << phase.p99_ms << " ms";
    write_text(out, (begin + end) / 2, top - 5, "middle", p99.str());
    out << "<path class=\"line\" d=\"M" << begin << " " << to.y(0);
    for (std::size_t i = 0; i < phase.per_second.size(); ++i) {
        const double from = phase.begins_s + static_cast<double>(i);
        const double until = std::min(from + 1, phase.begins_s + phase.lasts_s);
        out << "V" << to.y(static_cast<double>(phase.per_second[i])) << "H" << to.x(until);
    }
    out << "V" << to.y(0) << "\"/>\n";
}

}  // namespace

std::string svg_plot(const std::string& title, const std::vector<plotted_phase>& phases) {
    const auto to = scales_of(phases);
    std::ostringstream out;
    out << std::fixed << std::setprecision(1);
    out << "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " << width << " " << height
        << "\" role=\"img\">\n<style>text{font:11px sans-serif;fill:#333}.grid{stroke:#ccc}"
           ".band{fill:#f2f4f7}.line{fill:#4a7fb5;fill-opacity:.3;stroke:#245}</style>\n"
        << "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n";
    write_text(out, left, 18, "start",
               title + ": answers a second; above each phase its p99 from when it was due");
    for (std::size_t i = 0; i < phases.size(); ++i) write_phase(out, phases[i], to, i % 2 == 1);
    write_axes(out, to);
    out << "</svg>\n";
    return out.str();
}

}  // namespace tallycast::load
