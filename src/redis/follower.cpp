#include "follower.hpp"

#include "place.hpp"
#include "replies.hpp"

#include <charconv>
#include <utility>

namespace tallycast::redis {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::milliseconds patience{2000};
constexpr std::size_t changes_at_once = 1000;

slot catalog_slot() { return slot_of(catalog_tag); }

// Stream ids are "<ms>-<number>"; as numbers they compare as they came.
std::pair<std::uint64_t, std::uint64_t> number_of(const std::string& id) {
    std::pair<std::uint64_t, std::uint64_t> n{0, 0};
    const auto* end = id.data() + id.size();
    const auto first = std::from_chars(id.data(), end, n.first);
    if (first.ptr != end) std::from_chars(first.ptr + 1, end, n.second);
    return n;
}

std::string id_of(const reply& entry) {
    return entry.items.empty() ? std::string{} : entry.items[0].text;
}

std::string field(const reply& entry, std::string_view name) {
    if (entry.items.size() < 2) return {};
    const auto& pairs = entry.items[1].items;
    for (std::size_t i = 0; i + 1 < pairs.size(); i += 2)
        if (pairs[i].text == name) return pairs[i + 1].text;
    return {};
}

std::vector<std::string> rows_in(const reply& values) {
    std::vector<std::string> rows;
    rows.reserve(values.items.size());
    for (const auto& value : values.items) rows.push_back(value.text);
    return rows;
}

}  // namespace

asio::awaitable<base::result<void>> follower::catch_up() {
    const auto wanted = begun_ + 1;  // one that begins from now on has all there is now
    while (ended_ < wanted) {
        if (reading_) {
            co_await finished_.wait(base::mono_time::max());
            continue;
        }
        reading_ = true;
        ++begun_;
        auto work = last_.empty() ? load() : read_changes();
        outcome_ = co_await std::move(work);
        ended_ = begun_;
        reading_ = false;
        finished_.ring();
    }
    co_return outcome_;
}

asio::awaitable<base::result<void>> follower::read_changes() {
    for (;;) {
        command changes{"XRANGE", catalog_key("changes")};
        changes.add('(' + last_).add("+").add("COUNT").add(changes_at_once);
        command oldest{"XRANGE", catalog_key("changes"), "-", "+", "COUNT", "1"};
        pipeline calls{command{"TIME"}, std::move(changes), std::move(oldest)};
        auto work = redis_.call(catalog_slot(), std::move(calls), patience);
        const auto answers = co_await std::move(work);
        if (!answers) co_return failure_of(answers.error());
        if ((*answers)[1].is_error()) co_return store_unavailable();
        if (const auto store = time_in((*answers)[0])) heard_time(*store);
        if (missed_some((*answers)[2])) {
            log_.write(ports::severity::warn, "changes were missed, the catalog is loaded anew");
            auto all = load();
            co_return co_await std::move(all);
        }
        if (take((*answers)[1]) < changes_at_once) co_return base::result<void>();
    }
}

// Whether the change known last may have been followed by some that are no longer there. The stream
// is cut at its old end only, so one that begins after it, or has gone, has lost some.
bool follower::missed_some(const reply& oldest) const {
    if (last_ == "0-0") return false;
    if (oldest.items.empty()) return true;
    return number_of(last_) < number_of(id_of(oldest.items.front()));
}

std::size_t follower::take(const reply& entries) {
    for (const auto& entry : entries.items) {
        last_ = id_of(entry);
        auto change = known_.apply(field(entry, "k"), field(entry, "a"), field(entry, "b"));
        if (change) feed_.tell(*change);
    }
    return entries.items.size();
}

asio::awaitable<base::result<void>> follower::load() {
    pipeline calls{command{"TIME"},
                   command{"XREVRANGE", catalog_key("changes"), "+", "-", "COUNT", "1"}};
    for (const auto* hash : {"tenants", "keys", "events", "polls", "flags"})
        calls.push_back(command{"HVALS", catalog_key(hash)});
    auto work = redis_.call(catalog_slot(), std::move(calls), patience);
    const auto answers = co_await std::move(work);
    if (!answers) co_return failure_of(answers.error());
    for (const auto& answer : *answers)
        if (answer.is_error()) co_return store_unavailable();
    if (const auto store = time_in((*answers)[0])) heard_time(*store);
    const auto& newest = (*answers)[1].items;
    last_ = newest.empty() ? "0-0" : id_of(newest.front());
    for (const auto& change :
         known_.replace({rows_in((*answers)[2]), rows_in((*answers)[3]), rows_in((*answers)[4]),
                         rows_in((*answers)[5]), rows_in((*answers)[6])}))
        feed_.tell(change);
    co_return base::result<void>();
}

}  // namespace tallycast::redis
