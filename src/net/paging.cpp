#include "paging.hpp"

#include <tallycast/wire/percent.hpp>

#include <charconv>

namespace tallycast::net {

std::optional<page_request> page_request_of(const exchange& x) {
    page_request page;
    const auto query = wire::read_query(x.req.query);
    if (!query) return std::nullopt;
    for (const auto& [name, value] : *query) {
        if (name == "cursor") page.cursor = value;
        if (name != "limit") continue;
        const auto end = value.data() + value.size();
        const auto read = std::from_chars(value.data(), end, page.limit);
        if (read.ec != std::errc{} || read.ptr != end || page.limit < 1 || page.limit > 200)
            return std::nullopt;
    }
    return page;
}

}  // namespace tallycast::net
