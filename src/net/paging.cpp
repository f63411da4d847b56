#include "paging.hpp"

#include <tallycast/wire/percent.hpp>

#include <charconv>

namespace tallycast::net {

namespace {

template <class Number>
bool read_number(std::string_view text, Number& into) {
    const auto end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, into);
    return read.ec == std::errc{} && read.ptr == end;
}

template <class Number>
bool read_up_to_dot(std::string_view& text, Number& into) {
    const auto dot = text.find('.');
    if (dot == std::string_view::npos || !read_number(text.substr(0, dot), into)) return false;
    text.remove_prefix(dot + 1);
    return true;
}

std::optional<list_place> place_in(std::string_view cursor) {
    list_place place;
    if (!read_up_to_dot(cursor, place.position) || !read_up_to_dot(cursor, place.created))
        return std::nullopt;
    place.id = cursor;
    return place;
}

}  // namespace

std::string cursor_text(const list_place& place) {
    return std::to_string(place.position) + '.' + std::to_string(place.created) + '.' + place.id;
}

base::result<page_request> page_request_of(const exchange& x) {
    page_request page;
    const auto query = wire::read_query(x.req.query);
    if (!query) return query.error();
    for (const auto& [name, value] : *query) {
        if (name == "limit" &&
            (!read_number(value, page.limit) || page.limit < 1 || page.limit > 200))
            return base::failure{base::errc::invalid_request,
                                 "limit: a number from 1 to 200 is needed."};
        if (name != "cursor") continue;
        page.behind = place_in(value);
        if (!page.behind)
            return base::failure{base::errc::invalid_request, "cursor: not one of this list."};
    }
    return page;
}

}  // namespace tallycast::net
