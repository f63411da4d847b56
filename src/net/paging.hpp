#pragma once
// Lists a page at a time, the oldest first, polls in their running order: ?limit= (1 to 200,
// default 50) and ?cursor=, which names the place behind the last item of the page before, also
// when that item has gone since.

#include <tallycast/domain/poll.hpp>
#include <tallycast/net/exchange.hpp>
#include <tallycast/wire/host_json.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace tallycast::net {

// Position where there is one, age in milliseconds since 1970, then id: the order of every list.
struct list_place {
    std::uint32_t position = 0;
    std::int64_t created = 0;
    std::string id;
    friend auto operator<=>(const list_place&, const list_place&) = default;
};

struct page_request {
    std::size_t limit = 50;
    std::optional<list_place> behind;
};

// Fails with invalid_request for a limit that is no number from 1 to 200, or a cursor that is none
// of ours.
base::result<page_request> page_request_of(const exchange& x);

inline list_place place_of(const domain::poll& p) {
    return {p.position, p.created_at.time_since_epoch().count(), p.id.str()};
}
template <class Value>
list_place place_of(const Value& v) {
    return {0, v.created_at.time_since_epoch().count(), v.id.str()};
}

std::string cursor_text(const list_place& place);

template <class Pointer, class Writer>
response list_page(const exchange& x, const std::vector<Pointer>& all, Writer write) {
    const auto page = page_request_of(x);
    if (!page) return problem(x, page.error());
    const auto place = [](const Pointer& p) { return place_of(*p); };
    auto at = page->behind ? std::ranges::upper_bound(all, *page->behind, {}, place) : all.begin();
    std::vector<std::string> items;
    for (; at != all.end() && items.size() < page->limit; ++at) items.push_back(write(**at));
    std::optional<std::string> next;
    if (at != all.end()) next = cursor_text(place(*(at - 1)));
    return ok(wire::write_list(items, next));
}

}  // namespace tallycast::net
