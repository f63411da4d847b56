// Results as text and bars. A bar repeats what the text beside it says, for eyes only.

#include "page_parts.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <string>

namespace tallycast::wire {

namespace {

// Tenths of a percent, rounded: 63.3 %.
void append_percent(markup& to, std::uint64_t part, std::uint64_t whole) {
    const auto tenths = whole == 0
                            ? 0
                            : static_cast<std::uint64_t>(std::llround(
                                  static_cast<double>(part) * 1000 / static_cast<double>(whole)));
    to.number(tenths / 10);
    if (tenths % 10 != 0) to.say(".").number(tenths % 10);
    to.raw(" %");
}

void append_bar(markup& to, std::uint64_t value, std::uint64_t most) {
    to.raw("<meter aria-hidden=\"true\" max=\"").number(std::max<std::uint64_t>(most, 1));
    to.raw("\" value=\"").number(std::min(value, most)).raw("\"></meter>");
}

void append_options(markup& to, const page_frame& frame, const domain::results& r) {
    const auto& votes = r.tally.per_option();
    for (std::size_t i = 0; i < r.definition.options.size(); ++i) {
        const auto count = i < votes.size() ? votes[i] : 0;
        to.raw("<li>");
        open_host_text(to, frame, "span").text(r.definition.options[i].label).raw("</span> ");
        append_bar(to, count, r.tally.voters());
        to.raw(" <span class=\"count\">").count(count, "vote").raw(", ");
        append_percent(to, count, r.tally.voters());
        to.raw("</span></li>\n");
    }
}

void append_ranking(markup& to, const page_frame& frame, const domain::results& r) {
    const auto points = domain::borda_points(r.definition, r.tally);
    const auto most = r.tally.voters() *
                      (r.definition.options.size() - std::size_t{!r.definition.options.empty()});
    for (std::size_t i = 0; i < r.definition.options.size() && i < points.size(); ++i) {
        const std::size_t first_rank = i * r.definition.rules.max_choices;
        const auto firsts = first_rank < r.tally.ranks().size() ? r.tally.ranks()[first_rank] : 0;
        to.raw("<li>");
        open_host_text(to, frame, "span").text(r.definition.options[i].label).raw("</span> ");
        append_bar(to, points[i], most);
        to.raw(" <span class=\"count\">")
            .count(points[i], "point")
            .say(", first ")
            .count(firsts, "time");
        to.raw("</span></li>\n");
    }
}

void append_ratings(markup& to, const domain::results& r) {
    const auto& ratings = r.tally.ratings();
    for (std::size_t step = 0; step < ratings.size(); ++step) {
        to.raw("<li><span>").number(step + 1).raw("</span> ");
        append_bar(to, ratings[step], r.tally.voters());
        to.raw(" <span class=\"count\">").count(ratings[step], "vote").raw(", ");
        append_percent(to, ratings[step], r.tally.voters());
        to.raw("</span></li>\n");
    }
}

void append_average(markup& to, const domain::results& r) {
    char digits[32];
    const auto* end = std::to_chars(digits, digits + sizeof digits, domain::average_rating(r.tally),
                                    std::chars_format::fixed, 1)
                          .ptr;
    const std::string_view shown{digits, static_cast<std::size_t>(end - digits)};
    const auto point = shown.find('.');
    to.raw("<p>").say("Average: ").raw("<b>").raw(shown.substr(0, point)).say(".");
    to.raw(shown.substr(point + 1))
        .raw("</b>")
        .say(" of ")
        .number(r.definition.rules.scale.value_or(0))
        .raw("</p>\n");
}

}  // namespace

void append_results_part(markup& to, const page_frame& frame, const domain::results& r) {
    const bool rating = r.definition.type == domain::poll_type::rating;
    to.raw("<h3>").say(r.final ? "Final result" : "Result so far").raw("</h3>\n<p>");
    to.count(r.tally.voters(), "voter").raw("</p>\n");
    if (rating && r.tally.voters() > 0) append_average(to, r);
    to.raw("<ul class=\"results\">\n");
    if (rating) append_ratings(to, r);
    else if (r.definition.type == domain::poll_type::ranking) append_ranking(to, frame, r);
    else append_options(to, frame, r);
    to.raw("</ul>\n");
}

}  // namespace tallycast::wire
