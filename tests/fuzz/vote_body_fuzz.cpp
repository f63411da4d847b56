// A vote's body: taken exactly when another parser finds a ballot in it, with the same choices; and
// whatever is taken becomes a valid ballot of a poll, or is refused, without harm.

#include <tallycast/wire/vote_body.hpp>

#include <fuzz/expect.hpp>
#include <fuzz/json_oracle.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

using namespace tallycast;
using fuzz::expect;

namespace {

enum class expected { ballot, refusal, either };

// Which revision is named; nothing where that is none. 0: none is.
std::optional<std::uint32_t> revision_in(const nlohmann::json& json) {
    const auto revision = json.find("revision");
    if (revision == json.end()) return 0;
    if (!revision->is_number_unsigned()) return std::nullopt;
    const auto value = revision->get<std::uint64_t>();
    if (value == 0 || value > std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
    return static_cast<std::uint32_t>(value);
}

expected second_opinion(std::string_view text) {
    const auto json = fuzz::parsed_by_another(text);
    if (!json) return expected::refusal;
    if (text.starts_with("\xEF\xBB\xBF")) return expected::refusal;  // the other parser skips it
    if (!json->is_object() || !fuzz::has_only(*json, {"choices", "rating", "revision"}) ||
        json->contains("choices") == json->contains("rating") || !revision_in(*json))
        return expected::refusal;
    if (const auto rating = json->find("rating"); rating != json->end()) {
        // 1.0, 1e2 and what is past 64 bits are told apart in different ways.
        return rating->is_number_integer() ? expected::ballot
               : rating->is_number()       ? expected::either
                                           : expected::refusal;
    }
    const auto& choices = json->at("choices");
    return fuzz::is_list_of_strings(choices) && choices.size() <= domain::max_options
               ? expected::ballot
               : expected::refusal;
}

bool same(const domain::ballot_form& form, const nlohmann::json& json) {
    if (form.revision != revision_in(json)) return false;
    if (form.rating) {
        constexpr auto most = std::numeric_limits<std::int64_t>::max();
        const auto& rating = json.at("rating");
        if (rating.is_number_float()) return true;
        if (rating.is_number_unsigned() && rating.get<std::uint64_t>() > std::uint64_t{most})
            return *form.rating == most;
        return rating.get<std::int64_t>() == *form.rating;
    }
    const auto& choices = json.at("choices");
    return std::equal(choices.begin(), choices.end(), form.choices.begin(), form.choices.end(),
                      [](const nlohmann::json& a, std::string_view b) {
                          return a.get_ref<const std::string&>() == b;
                      });
}

void cast_into_polls(const domain::ballot_form& form) {
    static const auto polls = [] {
        std::array<domain::poll_definition, 4> all;
        for (std::size_t i = 0; i < all.size(); ++i) {
            auto& poll = all[i];
            poll.type = static_cast<domain::poll_type>(i + 1);
            poll.question = "?";
            if (poll.type != domain::poll_type::rating)
                poll.options = {{"a", "1"}, {"b", "2"}, {"c", "3"}};
            if (poll.type == domain::poll_type::multiple) poll.rules.max_choices = 3;
            if (poll.type == domain::poll_type::ranking) poll.rules.max_choices = 3;
            auto checked = domain::checked(poll);
            expect(checked.has_value(), "the target's own polls are valid");
            poll = *checked;
        }
        return all;
    }();
    for (const auto& poll : polls) {
        const auto ballot = domain::ballot_from(poll, form);
        if (!ballot) continue;
        expect(!ballot->empty(), "a ballot that is taken is not empty");
        if (!form.rating) {
            expect(domain::choices_of(poll, *ballot).size() == form.choices.size(),
                   "a ballot holds all that was chosen");
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    static wire::vote_body_reader reader;
    const auto form = reader.read(text);
    const auto want = second_opinion(text);
    expect(want == expected::either || form.has_value() == (want == expected::ballot),
           "two parsers agree");
    if (!form) {
        expect(!form.error().detail.empty(), "a refusal says why");
        return 0;
    }
    expect(same(*form, *fuzz::parsed_by_another(text)), "two parsers read the same ballot");
    cast_into_polls(*form);
    return 0;
}
