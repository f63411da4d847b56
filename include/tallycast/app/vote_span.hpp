#pragma once
// What a sampled vote has to tell: one span for all of it, and two inside: its wait for a group,
// and the store. Costs a look at a pointer where nobody traces.

#include <tallycast/app/vote_batcher.hpp>
#include <tallycast/base/trace.hpp>
#include <tallycast/ports/clock.hpp>
#include <tallycast/ports/tracer.hpp>

#include <optional>

namespace tallycast::app {

class vote_span {
public:
    // `around` is the span it happens in; null: none. `tracer` may be null.
    vote_span(ports::tracer* tracer, const ports::clock& clock, const base::trace_context* around)
        : tracer_(tracer), clock_(clock) {
        if (tracer_ == nullptr) return;
        own_ = around != nullptr ? tracer_->inside(*around) : tracer_->begin(std::nullopt, false);
        if (around != nullptr) parent_ = around->span;
        began_ = clock_.mono();
    }
    ~vote_span() {
        if (tracer_ == nullptr || !own_.sampled) return;
        tracer_->end({"cast_vote", own_, parent_, began_, clock_.mono()});
        if (times_.decided == base::mono_time{}) return;  // the store has not seen it
        tracer_->end({"batch_wait", tracer_->inside(own_), own_.span, times_.waiting, times_.sent});
        tracer_->end({"store", tracer_->inside(own_), own_.span, times_.sent, times_.decided});
    }
    vote_span(const vote_span&) = delete;
    vote_span& operator=(const vote_span&) = delete;

    // For the batcher to fill; null where nobody will read them.
    vote_times* times() { return tracer_ != nullptr && own_.sampled ? &times_ : nullptr; }

private:
    ports::tracer* tracer_;
    const ports::clock& clock_;
    base::trace_context own_;
    base::span_id parent_{};
    base::mono_time began_{};
    vote_times times_;
};

}  // namespace tallycast::app
