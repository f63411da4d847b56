#pragma once
// The parts a page is put together from.

#include <tallycast/wire/page.hpp>

#include "markup.hpp"

#include <string_view>

namespace tallycast::wire {

// What is the same for every part of one page.
struct page_frame {
    std::string_view action;
    std::string_view locale;  // of the host's text; the page's own words are the reader's
};

void append_notice(markup& to, const page_notice& notice);

// Opening tag of an element that holds text of the host's; `tag` is a literal of ours.
markup& open_host_text(markup& to, const page_frame& frame, std::string_view tag);

// The form to vote with, prefilled with the voter's own ballot; the poll takes votes from this
// voter.
void append_vote_form(markup& to, const page_frame& frame, const page_poll& shown);

void append_results_part(markup& to, const page_frame& frame, const domain::results& results);

}  // namespace tallycast::wire
