#include <tallycast/load/watcher.hpp>

#include <tallycast/load/http_reply.hpp>
#include <tallycast/load/json_scan.hpp>
#include <tallycast/load/ws_frame.hpp>

#include <algorithm>
#include <functional>

namespace tallycast::load {

namespace {

constexpr std::uint32_t mask = 0x2545f491;  // need not be secret, only well-formed
constexpr std::string_view results_begin = R"({"type":"results")";
constexpr std::size_t most_sights = 16;  // older polls than these are over

std::size_t hash_of(std::string_view poll) { return std::hash<std::string_view>()(poll); }

}  // namespace

void watcher::take(std::string_view bytes, const watch_wishes& wishes, std::string& out) {
    std::string joined;
    if (!rest_.empty()) {
        joined = std::move(rest_);
        rest_.clear();
        bytes = joined.append(bytes);
    }
    if (stage_ == stage::upgrading) bytes = read_upgrade(bytes, wishes, out);
    while (stage_ == stage::greeting || stage_ == stage::watching) {
        ws_frame_view frame;
        const auto got = look_at_frame(bytes, frame);
        if (got == ws_progress::need_more) break;
        const bool is_end = got == ws_progress::broken || frame.opcode == ws_opcode::close;
        if (is_end) {
            if (got == ws_progress::complete) ended_ = read_close(frame.payload);
            stage_ = stage::broken;
            return;
        }
        if (frame.opcode == ws_opcode::ping) {
            ++pings_;
            append_masked(out, ws_opcode::pong, frame.payload, mask);
        }
        if (frame.opcode == ws_opcode::text) read_text(frame.payload, frame.size, wishes, out);
        bytes.remove_prefix(frame.size);
    }
    if (!bytes.empty()) rest_.assign(bytes);
}

// What is behind the head, or all of it while the head is not whole.
std::string_view watcher::read_upgrade(std::string_view bytes, const watch_wishes& wishes,
                                       std::string& out) {
    constexpr std::string_view head_end = "\r\n\r\n";
    const auto end = bytes.find(head_end);
    if (end == std::string_view::npos) {
        if (bytes.size() > max_reply_header) stage_ = stage::broken;
        return bytes;
    }
    if (!bytes.starts_with("HTTP/1.1 101 ")) {
        read_refusal(bytes);
        stage_ = stage::broken;
        return {};
    }
    stage_ = stage::greeting;
    if (!wishes.greeted) begin_watching(wishes, out);
    return bytes.substr(end + head_end.size());
}

void watcher::begin_watching(const watch_wishes& wishes, std::string& out) {
    stage_ = stage::watching;
    if (!wishes.say.empty()) append_masked(out, ws_opcode::text, wishes.say, mask);
}

void watcher::read_text(std::string_view payload, std::size_t frame_size,
                        const watch_wishes& wishes, std::string& out) {
    if (stage_ == stage::greeting) return begin_watching(wishes, out);
    if (wishes.tallycast) {
        if (!payload.starts_with(results_begin)) return;
        read_results(payload);
    }
    ++messages_;
    bytes_ += frame_size;
}

void watcher::read_results(std::string_view payload) {
    version_ = number_member(payload, "version").value_or(0);
    const auto poll = hash_of(text_member(payload, "poll").value_or(""));
    auto seen = std::find_if(sights_.begin(), sights_.end(),
                             [poll](const sight& each) { return each.poll == poll; });
    if (seen == sights_.end()) {
        if (sights_.size() == most_sights) sights_.erase(sights_.begin());
        seen = sights_.insert(sights_.end(), {poll, 0, false});
    }
    if (version_ < seen->version) ++steps_back_;
    seen->version = version_;
    seen->final = payload.find(R"("final":true)") != std::string_view::npos;
}

bool watcher::saw_final(std::string_view poll) const {
    return std::any_of(sights_.begin(), sights_.end(), [poll = hash_of(poll)](const sight& each) {
        return each.poll == poll && each.final;
    });
}

void watcher::read_refusal(std::string_view head) {
    std::string in(head);
    http_reply reply;
    if (take_reply_head(in, reply) != reply_progress::complete) return;
    ended_.code = static_cast<std::uint16_t>(reply.status);
    if (!reply.retry_after_s) return;
    ended_.says = parting::advice::after;
    ended_.time = std::chrono::seconds(*reply.retry_after_s);
}

}  // namespace tallycast::load
