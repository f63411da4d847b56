#include <tallycast/telemetry/span_queue.hpp>

#include <algorithm>
#include <iterator>
#include <random>

namespace tallycast::telemetry {

namespace {

template <std::size_t N>
std::array<std::uint8_t, N> random_bytes() {
    static thread_local std::mt19937_64 source{std::random_device{}()};
    std::array<std::uint8_t, N> bytes{};
    for (std::size_t i = 0; i < N; i += 8) {
        const auto drawn = source() | 1;  // zeros would mean "none"
        for (std::size_t j = 0; j < 8; ++j)
            bytes[i + j] = static_cast<std::uint8_t>(drawn >> (8 * j));
    }
    return bytes;
}

}  // namespace

span_queue::span_queue(double share, ports::meter& meter) : share_(share), meter_(meter) {}

// The last seven bytes are random by the standard, wherever the id was made.
bool span_queue::chosen(const base::trace_id& trace) const {
    double fraction = 0;
    for (std::size_t i = trace.size(); i-- > 9;) fraction = (fraction + trace[i]) / 256;
    return fraction < share_.load(std::memory_order_relaxed);
}

base::trace_context span_queue::begin(const std::optional<base::trace_context>& caller,
                                      bool trusted) {
    base::trace_context made;
    made.trace = caller ? caller->trace : random_bytes<16>();
    made.span = random_bytes<8>();
    made.sampled = chosen(made.trace) || (caller && caller->sampled && trusted);
    return made;
}

base::trace_context span_queue::inside(const base::trace_context& parent) {
    return {parent.trace, random_bytes<8>(), parent.sampled};
}

void span_queue::end(const ports::span& done) {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() < most_waiting) waiting_.push_back(done);
    else meter_.add(ports::count::spans_dropped);
}

std::vector<ports::span> span_queue::take(std::size_t most) {
    const std::lock_guard lock(mutex_);
    const auto end =
        waiting_.begin() + static_cast<std::ptrdiff_t>(std::min(most, waiting_.size()));
    std::vector<ports::span> taken(waiting_.begin(), end);
    waiting_.erase(waiting_.begin(), end);
    return taken;
}

}  // namespace tallycast::telemetry
