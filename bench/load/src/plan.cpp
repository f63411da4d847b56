#include <tallycast/load/plan.hpp>

#include <algorithm>
#include <random>

namespace tallycast::load {

namespace {

using generator = std::mt19937_64;

struct placed {
    double place = 0;
    sending what;
};

double share(generator& random) { return std::uniform_real_distribution<double>(0, 1)(random); }

// Option i is wanted i + 1 times as often as the first.
std::uint8_t draw_choice(generator& random, std::uint8_t choices) {
    const std::uint32_t all = choices * (choices + 1u) / 2;
    auto left = std::uniform_int_distribution<std::uint32_t>(0, all - 1)(random);
    std::uint8_t option = 0;
    while (left > option) left -= ++option;
    return option;
}

void place(std::vector<placed>& order, const sending& first, double at, double end, double repeat,
           generator& random) {
    order.push_back({at, first});
    if (share(random) >= repeat) return;
    sending again = first;
    again.is_repeat = true;
    const bool at_once = share(random) < 0.5;
    order.push_back({at_once ? at : at + share(random) * (end - at), again});
}

}  // namespace

plan make_plan(const plan_wishes& wishes) {
    generator random(wishes.seed);
    plan made;
    made.book.voters.resize(wishes.voters);
    std::vector<placed> order;
    const double end = wishes.voters;
    for (std::uint32_t i = 0; i < wishes.voters; ++i) {
        ballot first;
        first.voter = i;
        first.choice = draw_choice(random, wishes.choices);
        const auto index = made.book.add(first);
        place(order, {index, false, sending::no_wait}, i, end, wishes.repeat, random);
        if (share(random) >= wishes.change) continue;
        ballot second = first;
        second.is_change = true;
        second.choice = static_cast<std::uint8_t>((first.choice + 1u) % wishes.choices);
        const auto at = i + share(random) * (end - i);
        place(order, {made.book.add(second), false, index}, at, end, wishes.repeat, random);
    }
    // Stable: a repeat at the very place of its ballot stays right behind it.
    std::stable_sort(order.begin(), order.end(),
                     [](const placed& a, const placed& b) { return a.place < b.place; });
    made.sendings.reserve(order.size());
    for (const auto& it : order) made.sendings.push_back(it.what);
    return made;
}

}  // namespace tallycast::load
