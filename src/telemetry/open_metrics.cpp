#include "open_metrics.hpp"

#include "hex.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <string_view>

namespace tallycast::telemetry {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

constexpr std::string_view counter_suffix = "_total";

std::string text_of(double value, std::chars_format form = std::chars_format::general) {
    if (std::isnan(value)) return "NaN";
    if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
    std::array<char, 64> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value, form);
    return {digits.data(), end.ptr};
}

// Bounds are numbers with a point: the label is compared as text.
std::string bound_text(double bound) {
    auto text = text_of(bound, std::chars_format::fixed);
    if (std::isfinite(bound) && text.find('.') == std::string::npos) text += ".0";
    return text;
}

void append_escaped(std::string& out, std::string_view text) {
    for (const char c : text) {
        if (c == '\n') out += "\\n";
        else if (c == '\\' || c == '"') (out += '\\') += c;
        else out += c;
    }
}

void append_labels(std::string& out, const ClientMetric& of, std::string_view bound = {}) {
    char before = '{';
    const auto append = [&](std::string_view name, std::string_view value) {
        out += before;
        out.append(name).append("=\"");
        append_escaped(out, value);
        out += '"';
        before = ',';
    };
    for (const auto& label : of.label) append(label.name, label.value);
    if (!bound.empty()) append("le", bound);
    if (before == ',') out += '}';
}

void append_sample(std::string& out, std::string_view name, const ClientMetric& of, double value) {
    out.append(name);
    append_labels(out, of);
    out.append(" ").append(text_of(value)).append("\n");
}

void append_exemplar(std::string& out, const exemplar& seen) {
    const auto ms = seen.at.time_since_epoch().count();
    const auto rest = std::to_string(1000 + ms % 1000).substr(1);
    out.append(" # {trace_id=\"").append(hex(seen.trace)).append("\"} ");
    out.append(text_of(seen.value)).append(" ");
    out.append(std::to_string(ms / 1000)).append(".").append(rest);
}

void append_histogram(std::string& out, const MetricFamily& family, const ClientMetric& of,
                      const std::vector<std::optional<exemplar>>& seen) {
    const auto& h = of.histogram;
    for (std::size_t i = 0; i <= h.bucket.size(); ++i) {
        const bool last = i == h.bucket.size();
        const auto count = last ? h.sample_count : h.bucket[i].cumulative_count;
        out.append(family.name).append("_bucket");
        append_labels(out, of, last ? "+Inf" : bound_text(h.bucket[i].upper_bound));
        out.append(" ").append(std::to_string(count));
        if (i < seen.size() && seen[i]) append_exemplar(out, *seen[i]);
        out += '\n';
    }
    append_sample(out, family.name + "_count", of, static_cast<double>(h.sample_count));
    append_sample(out, family.name + "_sum", of, h.sample_sum);
}

void append_head(std::string& out, std::string_view name, const char* type, std::string_view help) {
    out.append("# TYPE ").append(name).append(" ").append(type).append("\n# HELP ");
    out.append(name).append(" ");
    append_escaped(out, help);
    out += '\n';
}

// Counters are named without the suffix that their samples have.
void append_family(std::string& out, const MetricFamily& family,
                   const exemplars_by_name& exemplars) {
    std::string_view name = family.name;
    if (family.type == MetricType::Counter) {
        if (name.ends_with(counter_suffix)) name.remove_suffix(counter_suffix.size());
        append_head(out, name, "counter", family.help);
        for (const auto& metric : family.metric)
            append_sample(out, std::string(name).append(counter_suffix), metric,
                          metric.counter.value);
    } else if (family.type == MetricType::Histogram) {
        const auto seen = exemplars.find(family.name);
        append_head(out, name, "histogram", family.help);
        for (const auto& metric : family.metric)
            append_histogram(
                out, family, metric,
                seen == exemplars.end() ? std::vector<std::optional<exemplar>>{} : seen->second);
    } else {
        append_head(out, name, "gauge", family.help);
        for (const auto& metric : family.metric)
            append_sample(out, name, metric, metric.gauge.value);
    }
}

}  // namespace

std::string open_metrics_page(const std::vector<MetricFamily>& families,
                              const exemplars_by_name& exemplars) {
    std::string out;
    for (const auto& family : families) append_family(out, family, exemplars);
    return out += "# EOF\n";
}

}  // namespace tallycast::telemetry
