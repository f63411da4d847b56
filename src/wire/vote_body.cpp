#include <tallycast/wire/vote_body.hpp>

#include "ballot_members.hpp"

#include <cstdint>
#include <limits>

namespace tallycast::wire {

namespace {

constexpr std::size_t usual_choices = 8;

base::failure refused(const char* why) { return {base::errc::invalid_request, why}; }

}  // namespace

base::result<domain::ballot_form> read_ballot(const flat_object& from) {
    const auto* choices = from.find("choices");
    const auto* rating = from.find("rating");
    if ((choices == nullptr) == (rating == nullptr))
        return refused("A ballot has either \"choices\" or \"rating\".");
    domain::ballot_form form;
    if (const auto* revision = from.find("revision")) {
        constexpr std::int64_t last = std::numeric_limits<std::uint32_t>::max();
        const auto value = revision->integer;
        if (revision->kind != flat_kind::integer || value < 1 || value > last)
            return refused("revision: a whole number from 1 to 4294967295.");
        form.revision = static_cast<std::uint32_t>(value);
    }
    if (rating != nullptr) {
        if (rating->kind != flat_kind::integer)
            return refused("rating: a whole number is expected.");
        form.rating = rating->integer;
        return form;
    }
    if (choices->kind != flat_kind::strings)
        return refused("choices: a list of option ids is expected.");
    if (choices->count > domain::max_options)
        return base::failure{base::errc::invalid_ballot,
                             "choices: no poll has more than 64 options."};
    form.choices = from.strings_of(*choices);
    form.has_choices = true;
    return form;
}

void start_over(std::pmr::monotonic_buffer_resource& arena,
                std::pmr::vector<std::string_view>& strings) {
    std::pmr::vector<std::string_view>{&arena}.swap(strings);
    arena.release();
    strings.reserve(usual_choices);
}

base::result<domain::ballot_form> vote_body_reader::read(std::string_view json) {
    start_over(arena_, choices_);
    flat_object body{choices_, domain::max_options};
    if (const auto read = body.read(json); !read) return read.error();
    if (const auto known = body.must_have_only({"choices", "rating", "revision"}); !known)
        return known.error();
    return read_ballot(body);
}

}  // namespace tallycast::wire
