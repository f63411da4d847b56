// The bodies of host and operator routes; the first byte chooses the reader. Nothing is taken that
// another parser refuses, what is taken keeps the rules it promises, and a poll survives being
// written and read.

#include <tallycast/wire/host_body.hpp>
#include <tallycast/wire/host_json.hpp>

#include <fuzz/expect.hpp>
#include <fuzz/json_oracle.hpp>
#include <fuzz/ws_model.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

using namespace tallycast;
using fuzz::expect;

namespace {

bool is_shown_text(std::string_view text, std::size_t most) {
    const auto begins = [](char c) { return (c & 0xC0) != 0x80; };
    return fuzz::naive_utf8(text, true) && !text.empty() &&
           static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins)) <= most &&
           std::none_of(text.begin(), text.end(),
                        [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}

void expect_poll(const domain::poll_definition& poll) {
    const auto again = domain::checked(poll);
    expect(again && *again == poll, "a poll that is taken is checked and complete");
    expect(is_shown_text(poll.question, domain::max_label_characters), "a question is text");
    for (const auto& option : poll.options) {
        expect(is_shown_text(option.label, domain::max_label_characters), "a label is text");
    }
    domain::poll written;
    written.id = base::poll_id("p");
    written.event = base::event_id("e");
    written.definition = poll;
    const auto json = fuzz::parsed_by_another(wire::write_poll(written));
    expect(json && json->is_object(), "a poll is written as JSON");
    nlohmann::json body;
    for (const char* member :
         {"type", "question", "options", "rules", "results", "opens_at", "closes_at", "grace_ms"}) {
        if (json->contains(member)) body[member] = json->at(member);
    }
    const auto read = wire::read_poll_create(body.dump());
    expect(read && *read == poll, "a poll that is written reads as the same");
}

// What was refused says why; what was taken is an object to another parser too.
template <class T>
bool taken(const base::result<T>& value, std::string_view text) {
    if (!value) {
        expect(!value.error().detail.empty() && fuzz::naive_utf8(value.error().detail, true),
               "a refusal says why, in text");
        return false;
    }
    if (text.empty()) return true;
    const auto json = fuzz::parsed_by_another(text);
    expect(json && json->is_object(), "what is taken is a JSON object");
    return true;
}

void read_as(std::uint8_t what, std::string_view text) {
    using namespace wire;
    if (what == 0) {
        const auto poll = read_poll_create(text);
        if (taken(poll, text)) expect_poll(*poll);
    } else if (what == 1) {
        const auto patch = read_poll_patch(text);
        if (taken(patch, text) && patch->grace)
            expect(*patch->grace <= domain::max_grace, "grace is bounded");
    } else if (what == 2) {
        const auto event = read_event_create(text);
        if (taken(event, text))
            expect(is_shown_text(event->title, max_title_characters), "a title is text");
    } else if (what == 3) {
        const auto patch = read_event_patch(text);
        if (taken(patch, text) && patch->title)
            expect(is_shown_text(*patch->title, max_title_characters), "a title is text");
    } else if (what == 4) {
        const auto options = read_open_options(text);
        using std::chrono::seconds;
        if (!taken(options, text) || !options->duration) return;
        expect(*options->duration >= base::milliseconds{1} &&
                   *options->duration <= std::chrono::hours{31 * 24},
               "a duration is bounded");
    } else if (what == 5) {
        const auto join = read_join(text);
        if (taken(join, text)) (void)domain::folded_code(join->code);
    } else if (what == 6) {
        const auto tenant = read_tenant_create(text);
        if (taken(tenant, text)) expect(is_shown_text(tenant->name, 100), "a name is text");
    } else if (what == 7) {
        taken(read_key_create(text), text);
    } else {
        const auto watcher = read_watcher_request(text);
        if (!taken(watcher, text)) return;
        expect(
            watcher->ttl >= std::chrono::seconds{60} && watcher->ttl <= std::chrono::hours{30 * 24},
            "a watcher's time is bounded");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    // A digit, so that seeds can be read.
    read_as(static_cast<std::uint8_t>((data[0] + 208u) % 256u % 9u),
            std::string(reinterpret_cast<const char*>(data) + 1, size - 1));
    return 0;
}
