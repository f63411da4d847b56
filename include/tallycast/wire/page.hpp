#pragma once
// The pages for browsers without scripts: joining by code, and an event's polls as plain forms. All
// text of hosts and voters is escaped; nothing is inline, so a strict Content-Security-Policy fits.
// Where there are scripts, they take the same page over: they find the event's id and code at the
// body, and put their own content in the place of <main>.
//
// The forms post application/x-www-form-urlencoded:
//   join: code
//   vote: poll, key, and choice (once or more) · rating · rank_1, rank_2, ... ; or poll, key,
//   withdraw=1

#include <tallycast/base/error.hpp>
#include <tallycast/base/id.hpp>
#include <tallycast/base/time.hpp>
#include <tallycast/domain/ballot.hpp>
#include <tallycast/domain/event.hpp>
#include <tallycast/domain/poll.hpp>
#include <tallycast/domain/results.hpp>
#include <tallycast/wire/page_words.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tallycast::wire {

struct page_notice {
    std::string text;  // English; said in the page's language where it is known there
    bool is_error = false;
    std::optional<base::milliseconds> late;  // of a ballot after the end: told instead of the text
};

struct page_ballot;

struct page_poll {
    const domain::poll* poll = nullptr;
    std::optional<domain::ballot> own;         // the voter's ballot of this round
    const domain::results* results = nullptr;  // null: not for this viewer
    std::optional<page_notice> notice;         // how this poll's last form fared
    std::string idempotency_key;               // a new one for each page, at most 63 characters
    const page_ballot* filled = nullptr;  // the form as it was sent, where that was not counted
};

// What a page refers to; a program without scripts has none, and a page without an icon says so.
struct page_links {
    std::string_view stylesheet;
    std::string_view script;
    std::string_view icon;
    std::string_view words;  // of the script, in the page's language: fetched along with it
};

struct vote_page_content {
    const domain::event& event;
    std::span<const page_poll> polls;  // in the order shown
    std::string_view action;           // where the forms post to, and the page's own address
    page_links links;
    std::optional<page_notice> notice;  // about the page as a whole
    page_language language = page_language::english;
    std::string_view all = {};  // the address of what is left out here; empty: nothing is
};

struct join_page_content {
    std::string_view action;
    page_links links;
    std::optional<page_notice> notice;
    std::string_view typed_code;  // what was typed before, to be corrected
    page_language language = page_language::english;
};

std::string vote_page(const vote_page_content& content);
std::string join_page(const join_page_content& content);

// text/css, for pages without scripts.
std::string_view page_css();

// A vote form as posted. Empty choices (a rank left open) are dropped.
struct page_ballot {
    base::poll_id poll;
    std::string key;  // 1 to 64 visible ASCII characters
    std::vector<std::string> choices;
    std::optional<std::int64_t> rating;
    std::uint32_t revision = 0;  // of the poll on the page; 0: a page of before there was this
    bool withdraw = false;
    std::string unfit;  // why no vote can be made of it: nothing was chosen, or a rank left out

    // `views` is filled with the choices and must live as long as the form.
    domain::ballot_form form(std::vector<std::string_view>& views) const;
};

// invalid_request, unknown_field: no form of ours. What its reader filled in so that it cannot be
// counted is read all the same, so that the page can say so.
base::result<page_ballot> read_page_ballot(std::string_view body);

// As much as the join form takes, in bytes: an address may be pasted.
inline constexpr std::size_t longest_typed_code = 300;

// The code typed into the join form, or that of the address pasted there. invalid_request when
// there is none or the form is another.
base::result<std::string> read_page_code(std::string_view body);

}  // namespace tallycast::wire
