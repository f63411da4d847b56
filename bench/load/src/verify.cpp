#include <tallycast/load/verify.hpp>

#include <algorithm>
#include <charconv>

namespace tallycast::load {

namespace {

using nlohmann::json;

std::uint64_t number(const json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

bool flag(const json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_boolean() && found->get<bool>();
}

std::string text(const json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// Takes one line's fields off the front of `csv` (RFC 4180).
std::vector<std::string> take_line(std::string_view& csv) {
    std::vector<std::string> fields(1);
    bool quoted = false;
    while (!csv.empty()) {
        const char c = csv.front();
        csv.remove_prefix(1);
        if (quoted && c == '"' && csv.starts_with('"')) {
            fields.back().push_back('"');
            csv.remove_prefix(1);
        } else if (c == '"') {
            quoted = !quoted;
        } else if (quoted) {
            fields.back().push_back(c);
        } else if (c == ',') {
            fields.emplace_back();
        } else if (c == '\n') {
            break;
        } else if (c != '\r') {
            fields.back().push_back(c);
        }
    }
    return fields;
}

// What the acknowledged ballots say must be in the count.
struct expectation {
    std::map<std::uint64_t, std::uint8_t> choice_of;  // by voter number
    std::vector<std::uint64_t> per_option;
    std::uint64_t number_clashes = 0;  // two voters with one number
};

expectation expect(const std::vector<const ballot_book*>& books, std::size_t options) {
    expectation made;
    made.per_option.resize(options);
    for (const auto* book : books) {
        const auto standing = book->standing_choices();
        for (std::size_t i = 0; i < standing.size(); ++i) {
            if (!standing[i]) continue;
            ++made.per_option[*standing[i]];
            if (!made.choice_of.emplace(book->voters[i].number, *standing[i]).second)
                ++made.number_clashes;
        }
    }
    return made;
}

class checker {
public:
    explicit checker(verdict& to) : to_(to) {}
    void equal(std::string claim, std::uint64_t left, std::uint64_t right) {
        to_.checks.push_back(
            {std::move(claim), left == right,
             std::to_string(left) + (left == right ? " = " : " != ") + std::to_string(right)});
    }
    void none(std::string claim, std::uint64_t found) {
        to_.checks.push_back(
            {std::move(claim), found == 0, found == 0 ? "" : std::to_string(found)});
    }
    void is(std::string claim, bool holds, std::string detail = {}) {
        to_.checks.push_back({std::move(claim), holds, std::move(detail)});
    }

private:
    verdict& to_;
};

void check_answers(checker& check, const book_totals& totals) {
    check.none("every ballot was sent", totals.unsent);
    check.none("no ballot was left without an answer", totals.unknown);
    check.none("no ballot was refused", totals.refused);
    check.equal("acknowledged = sent", totals.acknowledged, totals.sent);
    check.none("no ballot was answered `counted` twice", totals.counted_twice);
    check.none("every replay has the receipt of the first answer", totals.receipt_mismatches);
    check.none("no answer contradicts an earlier one", totals.contradictions);
    check.none("every answer of 200 has a known status", totals.strange_answers);
}

void check_results(checker& check, const json& results, const expectation& expected,
                   const std::vector<std::string>& option_ids) {
    check.is("the results are final", flag(results, "final"));
    check.equal("counted = voters with an acknowledged ballot", number(results, "voters"),
                expected.choice_of.size());
    check.none("no two voters have one number", expected.number_clashes);
    std::map<std::string, std::uint64_t> counted;
    const auto options = results.find("options");
    if (options != results.end() && options->is_array()) {
        for (const auto& option : *options) counted[text(option, "id")] = number(option, "votes");
    }
    for (std::size_t i = 0; i < option_ids.size(); ++i) {
        check.equal("option " + option_ids[i] + " has the votes it was given",
                    counted[option_ids[i]], expected.per_option[i]);
    }
}

void check_ledger(checker& check, const json& ledger, std::uint64_t voters) {
    std::uint64_t rejected = 0;
    const auto reasons = ledger.find("rejected");
    if (reasons != ledger.end() && reasons->is_object()) {
        for (const auto& [reason, count] : reasons->items()) {
            if (count.is_number_unsigned()) rejected += count.get<std::uint64_t>();
        }
    }
    const auto counted = number(ledger, "counted");
    const auto withdrawn = number(ledger, "withdrawn");
    check.equal(
        "the ledger balances: received = counted + changed + replayed + withdrawn + rejected",
        number(ledger, "received"),
        counted + number(ledger, "changed") + number(ledger, "replayed") + withdrawn + rejected);
    check.equal("the ledger balances: voters = counted - withdrawn", voters, counted - withdrawn);
}

void check_export(checker& check, const std::optional<std::vector<export_row>>& rows,
                  std::uint64_t voters, const expectation& expected,
                  const std::vector<std::string>& option_ids) {
    check.is("the export is a CSV with a voter column", rows.has_value());
    if (!rows) return;
    check.equal("export rows = counted", rows->size(), voters);
    std::map<std::uint64_t, const export_row*> by_voter;
    for (const auto& row : *rows) by_voter.emplace(row.voter, &row);
    check.equal("the export names each voter once", by_voter.size(), rows->size());
    std::uint64_t missing = 0;
    std::uint64_t different = 0;
    for (const auto& [voter, choice] : expected.choice_of) {
        const auto found = by_voter.find(voter);
        if (found == by_voter.end()) ++missing;
        else if (found->second->choice != option_ids[choice]) ++different;
    }
    check.none("every acknowledged voter is in the export", missing);
    check.none("the export has each voter's last acknowledged choice", different);
}

}  // namespace

bool verdict::holds() const {
    return std::all_of(checks.begin(), checks.end(), [](const check& each) { return each.holds; });
}

std::optional<std::vector<export_row>> read_export(std::string_view csv) {
    const auto head = take_line(csv);
    const auto column = [&head](std::string_view name) {
        return static_cast<std::size_t>(std::find(head.begin(), head.end(), name) - head.begin());
    };
    const auto voter_at = column("voter");
    const auto choice_at = column("choice");
    if (voter_at == head.size()) return std::nullopt;
    std::vector<export_row> rows;
    while (!csv.empty()) {
        const auto fields = take_line(csv);
        if (fields.size() <= voter_at) continue;
        export_row row;
        const auto& text = fields[voter_at];
        std::from_chars(text.data(), text.data() + text.size(), row.voter);
        if (choice_at < fields.size()) row.choice = fields[choice_at];
        rows.push_back(std::move(row));
    }
    return rows;
}

verdict verify(const std::vector<const ballot_book*>& books,
               const std::vector<std::string>& option_ids, const node_truth& node) {
    verdict made;
    for (const auto* book : books) {
        made.totals.add(book->totals());
        for (const auto& [code, count] : book->refusals()) made.refusals[code] += count;
    }
    made.counted = number(node.results, "voters");
    const auto expected = expect(books, option_ids.size());
    checker check(made);
    check_answers(check, made.totals);
    check_results(check, node.results, expected, option_ids);
    check_ledger(check, node.ledger, made.counted);
    check_export(check, node.rows, made.counted, expected, option_ids);
    return made;
}

}  // namespace tallycast::load
