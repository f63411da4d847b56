#pragma once
// Lists a page at a time: ?limit= (1 to 200, default 50) and ?cursor=, which is the id of the last
// item of the page before. A cursor whose item has gone is refused.

#include <tallycast/net/exchange.hpp>
#include <tallycast/wire/host_json.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace tallycast::net {

struct page_request {
    std::size_t limit = 50;
    std::string cursor;
};

// nullopt when limit is no number from 1 to 200.
std::optional<page_request> page_request_of(const exchange& x);

template <class Pointer, class Writer>
response list_page(const exchange& x, const std::vector<Pointer>& all, Writer write) {
    const auto page = page_request_of(x);
    if (!page)
        return problem(x,
                       {base::errc::invalid_request, "limit: a number from 1 to 200 is needed."});
    std::size_t first = 0;
    if (!page->cursor.empty()) {
        while (first < all.size() && all[first]->id.str() != page->cursor) ++first;
        if (first == all.size())
            return problem(x, {base::errc::invalid_request, "cursor: not one of this list."});
        ++first;
    }
    std::vector<std::string> items;
    for (std::size_t i = first; i < all.size() && items.size() < page->limit; ++i)
        items.push_back(write(*all[i]));
    const std::size_t end = first + items.size();
    std::optional<std::string> next;
    if (end < all.size()) next = all[end - 1]->id.str();
    return ok(wire::write_list(items, next));
}

}  // namespace tallycast::net
