#include "poll_run.hpp"

#include <tallycast/load/compare.hpp>
#include <tallycast/load/crowd.hpp>
#include <tallycast/load/report.hpp>
#include <tallycast/load/ws_frame.hpp>

#include <iostream>

namespace tallycast::load {

phase_result join_all(const options& from, const endpoints& nodes, const stage& where,
                      std::vector<plan>& crowd) {
    std::vector<std::unique_ptr<work>> joining;
    joining.reserve(crowd.size());
    for (auto& part : crowd) joining.push_back(make_join_work(part));
    const auto speaks = [where] { return make_http_protocol(where); };
    return run_phase(from, {"joining", nodes, std::nullopt, speaks}, joining);
}

phase_result vote_all(const options& from, const endpoints& nodes, const stage& where,
                      const staged_poll& poll, std::vector<plan>& crowd,
                      const std::optional<schedule>& course) {
    std::vector<std::unique_ptr<work>> voting;
    for (auto& part : crowd) {
        const auto prefix = fresh_key_prefix();
        voting.push_back(make_vote_work(part, prefix, poll.option_ids));
    }
    const bool live = from.transport == transport::websocket;
    const auto speaks = [where, live] {
        return live ? make_live_protocol(where) : make_http_protocol(where);
    };
    return run_phase(from, {"voting", nodes, course, speaks}, voting);
}

std::uint64_t without_token(const std::vector<plan>& crowd) {
    std::uint64_t count = 0;
    for (const auto& part : crowd) {
        for (const auto& each : part.book.voters) count += each.token.empty() ? 1 : 0;
    }
    return count;
}

std::vector<const ballot_book*> books_of(const std::vector<plan>& crowd) {
    std::vector<const ballot_book*> books;
    books.reserve(crowd.size());
    for (const auto& part : crowd) books.push_back(&part.book);
    return books;
}

watch_wishes wishes_for(const stage& where, double max_hz) {
    watch_wishes made;
    made.request =
        upgrade_request(where.authority, "/v1/events/" + where.event + "/live", "tallycast.v1");
    made.say = R"({"type":"subscribe","polls":"all","max_hz":)" + std::to_string(max_hz) + "}";
    return made;
}

verdict settle_accounts(host_client& host, const staged_poll& poll,
                        const std::vector<const ballot_book*>& books) {
    host.close_poll(poll.poll);
    node_truth truth;
    truth.results = host.final_results(poll.poll);
    truth.ledger = host.ledger(poll.poll);
    truth.rows = read_export(host.export_csv(poll.poll));
    return verify(books, poll.option_ids, truth);
}

bool publish(const common_options& from, const nlohmann::json& report) {
    const bool written = from.json_file.empty() || write_json(from.json_file, report);
    if (from.compare_file.empty()) return written;
    const auto before = read_report(from.compare_file);
    if (!before) return false;
    print_comparison(from.json_file == "-" ? std::cerr : std::cout, compare(*before, report));
    return written;
}

}  // namespace tallycast::load
