#include <tallycast/load/crowd.hpp>

#include <tallycast/load/json_scan.hpp>

namespace tallycast::load {

namespace {

class join_work final : public work {
public:
    explicit join_work(plan& crowd) : voters_(crowd.book.voters) {}

    std::uint32_t size() const override { return static_cast<std::uint32_t>(voters_.size()); }
    question ask(std::uint32_t) override { return {}; }

    bool settle(std::uint32_t index, const answer& what) override {
        if (is_open_answer(what.status)) return false;
        if (what.status != 200) return true;
        const auto token = text_member(what.body, "token");
        const auto number = number_member(what.body, "number");
        if (token && number) voters_[index] = {std::string(*token), *number};
        return true;
    }

private:
    std::vector<voter>& voters_;
};

class vote_work final : public work {
public:
    vote_work(plan& crowd, std::string key_prefix, const std::vector<std::string>& option_ids)
        : plan_(crowd), key_prefix_(std::move(key_prefix)), option_ids_(option_ids) {}

    std::uint32_t size() const override {
        return static_cast<std::uint32_t>(plan_.sendings.size());
    }

    bool may_ask(std::uint32_t index) const override {
        const auto after = plan_.sendings[index].after;
        return after == sending::no_wait || plan_.book.settled(after);
    }

    question ask(std::uint32_t index) override {
        const auto ballot_index = plan_.sendings[index].ballot;
        const auto& what = plan_.book.at(ballot_index);
        plan_.book.sent(ballot_index);
        key_ = key_prefix_ + std::to_string(ballot_index);
        question asked;
        asked.what = question::kind::vote;
        asked.token = plan_.book.voters[what.voter].token;
        asked.key = key_;
        asked.choice = option_ids_[what.choice];
        return asked;
    }

    bool settle(std::uint32_t index, const answer& what) override {
        if (is_open_answer(what.status)) return false;
        const auto ballot_index = plan_.sendings[index].ballot;
        if (what.status == 200) plan_.book.acknowledged(ballot_index, what.word, what.receipt);
        else plan_.book.refused(ballot_index, what.word);
        return true;
    }

private:
    plan& plan_;
    std::string key_prefix_;
    const std::vector<std::string>& option_ids_;
    std::string key_;
};

}  // namespace

std::vector<plan> make_crowd(const plan_wishes& wishes, std::uint32_t parts) {
    std::vector<plan> crowd;
    for (std::uint64_t i = 0; i < parts; ++i) {
        auto part = wishes;
        part.voters =
            static_cast<std::uint32_t>(wishes.voters * (i + 1) / parts - wishes.voters * i / parts);
        part.seed = wishes.seed + i;
        crowd.push_back(make_plan(part));
    }
    return crowd;
}

std::unique_ptr<work> make_join_work(plan& crowd) { return std::make_unique<join_work>(crowd); }

std::unique_ptr<work> make_vote_work(plan& crowd, std::string key_prefix,
                                     const std::vector<std::string>& option_ids) {
    return std::make_unique<vote_work>(crowd, std::move(key_prefix), option_ids);
}

}  // namespace tallycast::load
