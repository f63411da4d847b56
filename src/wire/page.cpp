#include <tallycast/wire/page.hpp>

#include "page_parts.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <utility>

namespace tallycast::wire {

namespace {

// As in web/shared/theme.ts, so that a page does not turn over when its scripts have come.
bool is_right_to_left(std::string_view locale) {
    constexpr std::string_view languages[]{"ar", "dv", "fa", "he", "ks", "ku",
                                           "ps", "sd", "ug", "ur", "yi"};
    return std::ranges::find(languages, locale.substr(0, locale.find('-'))) != std::end(languages);
}

void append_head(markup& to, std::string_view title, const page_links& links,
                 std::string_view locale = {}) {
    to.raw("<!doctype html>\n<html lang=\"")
        .raw(tag_of(to.language()))
        .raw(is_right_to_left(locale) ? "\" dir=\"rtl" : "")
        .raw(
            "\">\n<head>\n<meta charset=\"utf-8\">\n"
            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
            "<meta name=\"robots\" content=\"noindex\">\n<title>");
    to.text(title)
        .raw(" – Tallycast</title>\n<link rel=\"stylesheet\" href=\"")
        .text(links.stylesheet)
        .raw("\">\n");
    // An empty address: or browsers would ask for /favicon.ico.
    to.raw("<link rel=\"icon\" href=\"").text(links.icon.empty() ? "data:," : links.icon);
    to.raw("\">\n");
    if (!links.words.empty())
        to.raw("<link rel=\"modulepreload\" href=\"").text(links.words).raw("\">\n");
    if (!links.script.empty())
        to.raw("<script type=\"module\" src=\"").text(links.script).raw("\"></script>\n");
    to.raw("</head>\n");
}

std::string_view words_of(domain::poll_status status) {
    switch (status) {
        case domain::poll_status::draft: return "Not open yet";
        case domain::poll_status::open: return "Open";
        case domain::poll_status::paused: return "Paused: no votes are taken now";
        case domain::poll_status::closed:
        case domain::poll_status::archived: return "Closed";
    }
    return {};
}

// That a poll is open, its form tells, or the reader's own vote where that stands.
void append_status(markup& to, const domain::poll& poll) {
    if (poll.status == domain::poll_status::open && !poll.definition.closes_at) return;
    to.raw("<p class=\"status\">").say(words_of(poll.status));
    const bool running =
        poll.status == domain::poll_status::open || poll.status == domain::poll_status::paused;
    if (running && poll.definition.closes_at)
        to.say(", closes at ").time(*poll.definition.closes_at);
    to.raw("</p>\n");
}

void append_own(markup& to, const page_frame& frame, const domain::poll& poll, domain::ballot own) {
    to.raw("<p class=\"own\">").say("Your vote: ");
    if (poll.definition.type == domain::poll_type::rating) {
        to.number(own.bits).say(" of ").number(poll.definition.rules.scale.value_or(0));
    } else {
        bool first = true;
        for (const auto option : domain::choices_of(poll.definition, own)) {
            if (!std::exchange(first, false))
                to.say(poll.definition.type == domain::poll_type::ranking ? ", then " : ", ");
            open_host_text(to, frame, "b")
                .text(poll.definition.options.at(option).label)
                .raw("</b>");
        }
    }
    to.raw("</p>\n");
}

void append_poll(markup& to, const page_frame& frame, const page_poll& shown) {
    const auto& poll = *shown.poll;
    to.raw("<section class=\"poll\">\n");
    open_host_text(to, frame, "h2").text(poll.definition.question).raw("</h2>\n");
    append_status(to, poll);
    if (shown.notice) append_notice(to, *shown.notice);
    if (shown.own) append_own(to, frame, poll, *shown.own);
    if (poll.status == domain::poll_status::open &&
        (!shown.own || poll.definition.rules.allow_change))
        append_vote_form(to, frame, shown);
    if (shown.results != nullptr) append_results_part(to, frame, *shown.results);
    to.raw("</section>\n");
}

void append_lateness(markup& to, base::milliseconds late) {
    constexpr base::milliseconds tenth{100};
    const auto tenths =
        static_cast<std::uint64_t>(std::max<std::int64_t>((late + tenth / 2) / tenth, 1));
    to.say("The poll had closed ").number(tenths / 10).say(".").number(tenths % 10);
    to.say(" s before the ballot came.").raw("</p>\n");
}

void append_link(markup& to, std::string_view address, std::string_view words) {
    to.raw("<p><a class=\"again\" href=\"").text(address).raw("\">").say(words);
    to.raw("</a></p>\n");
}

}  // namespace

void append_notice(markup& to, const page_notice& notice) {
    to.raw(notice.is_error ? "<p class=\"notice error\" role=\"alert\">"
                           : "<p class=\"notice\" role=\"status\">");
    if (notice.late) return append_lateness(to, *notice.late);
    // The words up to a number are known as a phrase; it and the full stop are the same in all
    // languages.
    const std::string_view text = notice.text;
    const auto number = std::min(text.find_first_of("0123456789"), text.size());
    to.text(said(to.language(), text.substr(0, number))).text(text.substr(number)).raw("</p>\n");
}

markup& open_host_text(markup& to, const page_frame& frame, std::string_view tag) {
    return to.raw("<").raw(tag).raw(" dir=\"auto\" lang=\"").text(frame.locale).raw("\">");
}

std::string vote_page(const vote_page_content& content) {
    const page_frame frame{content.action, content.event.settings.locale};
    markup to{content.language};
    append_head(to, content.event.title, content.links, frame.locale);
    to.raw("<body data-event=\"").text(content.event.id.str());
    to.raw("\" data-code=\"").text(content.event.code).raw("\">\n<header>\n");
    open_host_text(to, frame, "h1").text(content.event.title).raw("</h1>\n</header>\n<main>\n");
    if (content.notice) append_notice(to, *content.notice);
    const auto is_shown = [](const page_poll& p) {
        return p.poll->status != domain::poll_status::draft;
    };
    if (std::ranges::none_of(content.polls, is_shown))
        to.raw("<p>").say("There is nothing to vote on yet. Look again in a moment.").raw("</p>\n");
    for (const auto& poll : content.polls)
        if (is_shown(poll)) append_poll(to, frame, poll);
    if (!content.all.empty()) append_link(to, content.all, "All questions");
    append_link(to, content.action, "Look again");
    to.raw("</main>\n</body>\n</html>\n");
    return to.take();
}

std::string join_page(const join_page_content& content) {
    markup to{content.language};
    append_head(to, said(content.language, "Join"), content.links);
    to.raw("<body>\n<header>\n<h1>").say("Join a vote").raw("</h1>\n</header>\n<main>\n");
    if (content.notice) append_notice(to, *content.notice);
    to.raw("<form method=\"post\" action=\"").text(content.action).raw("\">\n");
    to.raw("<p><label for=\"code\">")
        .say("The code on the screen")
        .raw(
            "</label>\n"
            "<input id=\"code\" name=\"code\" type=\"text\" required maxlength=\"300\" "
            "autocomplete=\"off\" "
            "autocapitalize=\"characters\" spellcheck=\"false\" value=\"");
    to.text(content.typed_code)
        .raw(
            "\"></p>\n<p><button "
            "type=\"submit\">")
        .say("Join")
        .raw("</button></p>\n</form>\n</main>\n</body>\n</html>\n");
    return to.take();
}

}  // namespace tallycast::wire
