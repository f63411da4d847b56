#include <tallycast/net/broadcast.hpp>

#include <tallycast/wire/host_json.hpp>
#include <tallycast/wire/live_message.hpp>
#include <tallycast/wire/ws_frame.hpp>

namespace tallycast::net {

namespace {

app::broadcast_ptr encoded(const domain::poll& poll, base::mono_time now) {
    auto message = std::make_shared<app::broadcast>();
    message->poll = poll.id;
    message->kind = app::broadcast_kind::poll;
    message->version = poll.revision;
    message->rule = poll.definition.results;
    message->status = poll.status;
    message->came_at = now;
    const auto json = wire::write_poll_message(poll);
    message->ws_frame = wire::encode_text(json);
    message->sse_event = sse_event("poll", poll.revision, json);
    return message;
}

app::broadcast_ptr encoded(const domain::results& results, base::mono_time now) {
    auto message = std::make_shared<app::broadcast>();
    message->poll = results.poll;
    message->kind = app::broadcast_kind::results;
    message->version = results.version;
    message->rule = results.definition.results;
    message->status = results.status;
    message->came_at = now;
    const auto json = wire::write_results_message(results, results.at);
    message->ws_frame = wire::encode_text(json);
    message->sse_event = sse_event("results", results.version, json);
    return message;
}

}  // namespace

app::broadcast_ptr broadcast_of(const ports::change& what, base::mono_time now) {
    if (const auto* poll = std::get_if<std::shared_ptr<const domain::poll>>(&what))
        return encoded(**poll, now);
    if (const auto* results = std::get_if<std::shared_ptr<const domain::results>>(&what))
        return encoded(**results, now);
    return nullptr;
}

app::broadcast last_word_on(const base::poll_id& poll) {
    app::broadcast message;
    message.poll = poll;
    message.kind = app::broadcast_kind::poll;
    const auto json = wire::write_poll_removed(poll);
    message.ws_frame = wire::encode_text(json);
    message.sse_event = sse_event("poll_removed", 0, json);
    return message;
}

app::broadcast notice_of(std::string_view text) {
    app::broadcast message;
    const auto json = wire::write_notice(text);
    message.ws_frame = wire::encode_text(json);
    message.sse_event = sse_event("notice", 0, json);
    return message;
}

std::string sse_event(std::string_view type, std::uint64_t id, std::string_view json) {
    std::string text = "event: ";
    text.append(type)
        .append("\nid: ")
        .append(std::to_string(id))
        .append("\ndata: ")
        .append(json)
        .append("\n\n");
    return text;
}

}  // namespace tallycast::net
