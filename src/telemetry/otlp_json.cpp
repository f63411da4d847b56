#include <tallycast/telemetry/span_queue.hpp>

#include "hex.hpp"

#include <algorithm>
#include <chrono>

namespace tallycast::telemetry {

namespace {

constexpr int kind_internal = 1;
constexpr int kind_server = 2;

// Names, methods and versions are our own, and need no escapes.
void append_attribute(std::string& to, std::string_view key, std::string_view type,
                      std::string_view value) {
    to.append(to.back() == '[' ? "" : ",").append(R"({"key":")").append(key);
    to.append(R"(","value":{")").append(type).append(R"(":")").append(value).append("\"}}");
}

void append_request(std::string& to, const ports::span& of) {
    append_attribute(to, "http.request.method", "stringValue", of.method);
    append_attribute(to, "http.route", "stringValue", of.name);
    append_attribute(to, "http.response.status_code", "intValue", std::to_string(of.status));
}

void append_span(std::string& to, const ports::span& of, std::chrono::nanoseconds since_1970) {
    const auto nanoseconds = [&](base::mono_time at) {
        return std::to_string((at.time_since_epoch() + since_1970).count());
    };
    const bool request = of.status != 0;
    const bool has_parent = std::ranges::any_of(of.parent, [](auto byte) { return byte != 0; });
    to.append(to.back() == '[' ? "" : ",");
    to.append(R"({"traceId":")").append(hex(of.of.trace));
    to.append(R"(","spanId":")").append(hex(of.of.span));
    if (has_parent) to.append(R"(","parentSpanId":")").append(hex(of.parent));
    to.append(R"(","name":")").append(request ? std::string(of.method) + ' ' : std::string());
    to.append(of.name).append(R"(","kind":)");
    to.append(std::to_string(request ? kind_server : kind_internal));
    to.append(R"(,"startTimeUnixNano":")").append(nanoseconds(of.began));
    to.append(R"(","endTimeUnixNano":")").append(nanoseconds(of.ended));
    to.append(R"(","attributes":[)");
    if (request) append_request(to, of);
    // Errors are what we could not do, not what was asked wrongly.
    to.append(of.status >= 500 ? R"(],"status":{"code":2}})" : R"(],"status":{}})");
}

}  // namespace

std::string otlp_json(const std::vector<ports::span>& spans, std::string_view version,
                      const ports::clock& clock) {
    const std::chrono::nanoseconds since_1970 =
        clock.wall().time_since_epoch() - clock.mono().time_since_epoch();
    std::string text = R"({"resourceSpans":[{"resource":{"attributes":[)";
    append_attribute(text, "service.name", "stringValue", "tallycast");
    append_attribute(text, "service.version", "stringValue", version);
    text += R"(]},"scopeSpans":[{"scope":{"name":"tallycast"},"spans":[)";
    for (const auto& span : spans) append_span(text, span, since_1970);
    return text += "]}]}]}";
}

}  // namespace tallycast::telemetry
