#pragma once
// Lists a page at a time, the oldest first: ?limit= (1 to 200, default 50) and ?cursor=, which
// names the place behind the last item of the page before, also when that item has gone since.

#include <tallycast/net/exchange.hpp>
#include <tallycast/wire/host_json.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace tallycast::net {

// Age in milliseconds since 1970, then id: the order of every list.
struct list_place {
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

std::string cursor_text(const list_place& place);

template <class Pointer, class Writer>
response list_page(const exchange& x, const std::vector<Pointer>& all, Writer write) {
    const auto page = page_request_of(x);
    if (!page) return problem(x, page.error());
    const auto place_of = [](const Pointer& p) {
        return list_place{p->created_at.time_since_epoch().count(), p->id.str()};
    };
    auto at =
        page->behind ? std::ranges::upper_bound(all, *page->behind, {}, place_of) : all.begin();
    std::vector<std::string> items;
    for (; at != all.end() && items.size() < page->limit; ++at) items.push_back(write(**at));
    std::optional<std::string> next;
    if (at != all.end()) next = cursor_text(place_of(*(at - 1)));
    return ok(wire::write_list(items, next));
}

}  // namespace tallycast::net
