#include "place.hpp"

#include <tallycast/domain/fingerprint.hpp>

#include <array>

namespace tallycast::redis {

namespace {

using tags = std::array<std::string, place_count>;

// The first number whose tag falls into the place's part of the slots. About 300 are tried.
tags spread_tags() {
    tags found;
    std::size_t missing = place_count;
    for (int number = 0; missing > 0; ++number) {
        const auto tag = "{tc" + std::to_string(number) + "}";
        auto& place = found[slot_of(tag) / (slot_count / place_count)];
        if (!place.empty()) continue;
        place = tag;
        --missing;
    }
    return found;
}

}  // namespace

const std::string& tag_of(std::size_t place) {
    static const tags all = spread_tags();
    return all[place];
}

std::size_t place_of(const base::poll_id& poll, std::uint16_t slices, std::uint16_t slice) {
    if (place_count % slices != 0) return (2 * slice + 1u) * place_count / (2u * slices);
    return (domain::mix(poll.str()) + slice * (place_count / slices)) % place_count;
}

slice_keys keys_of(const base::poll_id& poll, std::uint16_t slices, std::uint16_t slice,
                   std::uint32_t round) {
    const auto& tag = tag_of(place_of(poll, slices, slice));
    const auto name = tag + ':' + poll.str() + ':' + std::to_string(slice);
    const auto of_round = name + ':' + std::to_string(round);
    return {name + ":meta", of_round + ":counts", of_round + ":sheet", of_round + ":log",
            slot_of(tag)};
}

std::string results_channel(std::size_t place) { return tag_of(place) + ":results"; }
std::string waiting_channel(std::size_t place) { return tag_of(place) + ":waiting"; }

std::string catalog_key(std::string_view name) {
    return std::string(catalog_tag).append(":").append(name);
}

}  // namespace tallycast::redis
