#include <tallycast/telemetry/metrics.hpp>
#include <tallycast/telemetry/span_queue.hpp>

#include <gtest/gtest.h>

#include <set>

namespace tallycast::telemetry {
namespace {

using namespace std::chrono_literals;

class still_clock final : public ports::clock {
public:
    base::wall_time wall() const override { return base::wall_time{1'700'000'000'000ms}; }
    base::mono_time mono() const override { return base::mono_time{1h}; }
};

base::trace_context of_a_caller(bool sampled) {
    base::trace_context caller;
    caller.trace.fill(0xff);  // the last to be chosen
    caller.span.fill(7);
    caller.sampled = sampled;
    return caller;
}

TEST(Span_queue, The_share_may_change) {
    metrics counts("0");
    span_queue spans(0, counts);
    EXPECT_FALSE(spans.begin(std::nullopt, false).sampled);
    spans.set_share(1);
    EXPECT_TRUE(spans.begin(std::nullopt, false).sampled);
}

TEST(Span_queue, The_share_of_traces_is_about_what_was_asked_for) {
    metrics counts("0");
    for (const double share : {0.0, 0.25, 1.0}) {
        span_queue spans(share, counts);
        int chosen = 0;
        std::set<base::trace_id> seen;
        for (int i = 0; i < 4000; ++i) {
            const auto made = spans.begin(std::nullopt, false);
            chosen += made.sampled;
            seen.insert(made.trace);
        }
        EXPECT_EQ(seen.size(), 4000u);
        EXPECT_NEAR(chosen, 4000 * share, 200);
    }
}

TEST(Span_queue, Goes_on_with_the_trace_of_its_caller) {
    metrics counts("0");
    span_queue spans(1, counts);
    const auto caller = of_a_caller(false);
    const auto made = spans.begin(caller, false);
    EXPECT_EQ(made.trace, caller.trace);
    EXPECT_NE(made.span, caller.span);
    const auto inner = spans.inside(made);
    EXPECT_EQ(inner.trace, caller.trace);
    EXPECT_NE(inner.span, made.span);
    EXPECT_EQ(inner.sampled, made.sampled);
}

TEST(Span_queue, Strangers_do_not_choose_what_is_sampled) {
    metrics counts("0");
    span_queue spans(0.5, counts);
    EXPECT_FALSE(spans.begin(of_a_caller(true), false).sampled);
    EXPECT_TRUE(spans.begin(of_a_caller(true), true).sampled);
    EXPECT_FALSE(spans.begin(of_a_caller(false), true).sampled);
}

TEST(Span_queue, Past_its_bound_spans_are_dropped_and_counted) {
    metrics counts("0");
    span_queue spans(1, counts);
    for (std::size_t i = 0; i < span_queue::most_waiting + 10; ++i)
        spans.end({"a", spans.begin(std::nullopt, false)});
    EXPECT_EQ(counts.total(ports::count::spans_dropped), 10u);
    EXPECT_EQ(spans.take(100).size(), 100u);
    EXPECT_EQ(spans.take(100'000).size(), span_queue::most_waiting - 100);
    EXPECT_TRUE(spans.take(1).empty());
}

TEST(Span_queue, Otlp_is_what_collectors_read) {
    base::trace_context of;
    of.trace.fill(0xab);
    of.span.fill(0x01);
    base::span_id parent;
    parent.fill(0x02);
    const still_clock clock;
    const ports::span request{"/v1/join",   of,     parent, clock.mono() - 5ms,
                              clock.mono(), "POST", 503};
    EXPECT_EQ(
        otlp_json({request, {"store", of, {}, clock.mono() - 2ms, clock.mono() - 1ms}}, "1.2.3",
                  clock),
        R"({"resourceSpans":[{"resource":{"attributes":[)"
        R"({"key":"service.name","value":{"stringValue":"tallycast"}},)"
        R"({"key":"service.version","value":{"stringValue":"1.2.3"}}]},)"
        R"("scopeSpans":[{"scope":{"name":"tallycast"},"spans":[)"
        R"({"traceId":"abababababababababababababababab","spanId":"0101010101010101",)"
        R"("parentSpanId":"0202020202020202","name":"POST /v1/join","kind":2,)"
        R"("startTimeUnixNano":"1699999999995000000","endTimeUnixNano":"1700000000000000000",)"
        R"("attributes":[{"key":"http.request.method","value":{"stringValue":"POST"}},)"
        R"({"key":"http.route","value":{"stringValue":"/v1/join"}},)"
        R"({"key":"http.response.status_code","value":{"intValue":"503"}}],"status":{"code":2}},)"
        R"({"traceId":"abababababababababababababababab","spanId":"0101010101010101",)"
        R"("name":"store","kind":1,)"
        R"("startTimeUnixNano":"1699999999998000000","endTimeUnixNano":"1699999999999000000",)"
        R"("attributes":[],"status":{}}]}]}]})");
}

}  // namespace
}  // namespace tallycast::telemetry
