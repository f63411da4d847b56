#include <tallycast/server/readiness.hpp>

#include <tallycast/app/admission.hpp>

#include <array>
#include <cstdio>

namespace tallycast::server {

namespace {

struct named_work {
    app::work kind;
    const char* name;
};

constexpr std::array classes{
    named_work{app::work::vote, "vote"}, named_work{app::work::join, "join"},
    named_work{app::work::results, "results"}, named_work{app::work::host, "host"},
    named_work{app::work::export_, "export"}};

void append_line(std::string& to, const char* what, const char* how) {
    to.append(what).append(": ").append(how) += '\n';
}

std::string with_colon(const std::string& why) { return why.empty() ? "" : ": " + why; }

}  // namespace

std::string readiness::not_because() const {
    if (draining) return "draining";
    if (!store_ready) return "the store cannot be written" + with_colon(store_trouble);
    if (!threads_alive) return "an I/O thread is stuck";
    return {};
}

std::string readiness::report() const {
    std::string text;
    append_line(text, "node", draining ? "draining" : "ok");
    const auto store = store_ready ? (store_trouble.empty() ? "ok" : "ready, but " + store_trouble)
                                   : "cannot be written" + with_colon(store_trouble);
    append_line(text, "store", store.c_str());
    append_line(text, "threads", threads_alive ? "ok" : "one is stuck");
    std::array<char, 32> number{};
    std::snprintf(number.data(), number.size(), "%.2f", pressure);
    append_line(text, "pressure", number.data());
    for (const auto& one : classes)
        append_line(text, one.name,
                    app::admission::admits_at(pressure, one.kind) ? "admitted" : "refused");
    return text;
}

}  // namespace tallycast::server
