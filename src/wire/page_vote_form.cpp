// The form of one poll: radio buttons, boxes, steps or ranks.

#include "page_parts.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

namespace tallycast::wire {

namespace {

using domain::poll_type;

void append_legend(markup& to, const domain::poll_definition& d) {
    const auto& r = d.rules;
    to.raw("<legend>");
    switch (d.type) {
        case poll_type::single: to.say("Choose one"); break;
        case poll_type::rating: to.say("Rate from 1 to ").number(r.scale.value_or(0)); break;
        case poll_type::multiple:
            to.say("Choose ").number(r.min_choices);
            if (r.max_choices != r.min_choices) to.say(" to ").number(r.max_choices);
            break;
        case poll_type::ranking:
            to.say("Put ");
            if (r.max_choices != r.min_choices) to.number(r.min_choices).say(" to ");
            to.number(r.max_choices).say(" in order, the best first");
            break;
    }
    to.raw("</legend>\n");
}

void append_option(markup& to, const page_frame& frame, const domain::poll_definition& d,
                   std::size_t at, bool checked) {
    const bool one = d.type == poll_type::single;
    to.raw("<p><label><input type=\"")
        .raw(one ? "radio" : "checkbox")
        .raw("\" name=\"choice\" value=\"");
    to.text(d.options[at].id).raw(one ? "\" required" : "\"").raw(checked ? " checked> " : "> ");
    open_host_text(to, frame, "span").text(d.options[at].label).raw("</span></label></p>\n");
}

void append_steps(markup& to, const domain::poll_definition& d, std::uint64_t chosen) {
    to.raw("<p class=\"steps\">");
    for (std::uint64_t step = 1; step <= d.rules.scale.value_or(0); ++step) {
        to.raw("<label><input type=\"radio\" name=\"rating\" required value=\"").number(step);
        to.raw(step == chosen ? "\" checked> " : "\"> ").number(step).raw("</label>\n");
    }
    to.raw("</p>\n");
}

void append_ranks(markup& to, const page_frame& frame, const domain::poll_definition& d,
                  const std::vector<std::size_t>& chosen) {
    for (std::size_t rank = 0; rank < d.rules.max_choices; ++rank) {
        to.raw("<p><label>")
            .say("Rank ")
            .number(rank + 1)
            .raw(" <select name=\"rank_")
            .number(rank + 1);
        to.raw(rank < d.rules.min_choices ? "\" required>\n" : "\">\n")
            .raw("<option value=\"\">–</option>\n");
        for (std::size_t i = 0; i < d.options.size(); ++i) {
            to.raw("<option dir=\"auto\" lang=\"")
                .text(frame.locale)
                .raw("\" value=\"")
                .text(d.options[i].id);
            to.raw(rank < chosen.size() && chosen[rank] == i ? "\" selected>" : "\">");
            to.text(d.options[i].label).raw("</option>\n");
        }
        to.raw("</select></label></p>\n");
    }
}

// Which options the form begins with: those that were sent and not counted, or else the voter's.
std::vector<std::size_t> chosen_in(const page_poll& shown) {
    const auto& d = shown.poll->definition;
    if (shown.filled == nullptr) return domain::choices_of(d, shown.own.value_or(domain::ballot{}));
    std::vector<std::size_t> chosen;
    for (const auto& id : shown.filled->choices)
        if (const auto at = std::ranges::find(d.options, id, &domain::option::id);
            at != d.options.end())
            chosen.push_back(static_cast<std::size_t>(at - d.options.begin()));
    return chosen;
}

std::uint64_t rating_in(const page_poll& shown) {
    if (shown.filled == nullptr) return shown.own.value_or(domain::ballot{}).bits;
    return static_cast<std::uint64_t>(shown.filled->rating.value_or(0));
}

void append_fields(markup& to, const page_frame& frame, const page_poll& shown) {
    const auto& d = shown.poll->definition;
    if (d.type == poll_type::rating) return append_steps(to, d, rating_in(shown));
    const auto chosen = chosen_in(shown);
    if (d.type == poll_type::ranking) return append_ranks(to, frame, d, chosen);
    for (std::size_t i = 0; i < d.options.size(); ++i)
        append_option(to, frame, d, i, std::ranges::find(chosen, i) != chosen.end());
}

void open_form(markup& to, const page_frame& frame, const page_poll& shown,
               std::string_view key_suffix) {
    to.raw("<form method=\"post\" action=\"")
        .text(frame.action)
        .raw("\">\n<input type=\"hidden\" name=\"poll\" value=\"");
    to.text(shown.poll->id.str()).raw("\">\n<input type=\"hidden\" name=\"key\" value=\"");
    to.text(shown.idempotency_key).raw(key_suffix);
    to.raw("\">\n<input type=\"hidden\" name=\"revision\" value=\"");
    to.number(shown.poll->revision).raw("\">\n");
}

}  // namespace

void append_vote_form(markup& to, const page_frame& frame, const page_poll& shown) {
    open_form(to, frame, shown, "");
    to.raw("<fieldset>\n");
    append_legend(to, shown.poll->definition);
    append_fields(to, frame, shown);
    to.raw("</fieldset>\n<p><button type=\"submit\">")
        .say(shown.own ? "Change my vote" : "Vote")
        .raw("</button></p>\n</form>\n");
    if (!shown.own) return;
    // A withdrawal is another action than a change from the same page, so its key is another one.
    open_form(to, frame, shown, "w");
    to.raw(
          "<input type=\"hidden\" name=\"withdraw\" value=\"1\">\n"
          "<p><button class=\"quiet\" type=\"submit\">")
        .say("Take my vote back")
        .raw("</button></p>\n</form>\n");
}

}  // namespace tallycast::wire
