#include <tallycast/server/welcome.hpp>

#include <tallycast/server/addresses.hpp>
#include <tallycast/wire/qr_code.hpp>

#include <cstdio>

namespace tallycast::server {

namespace {

void append_commands(std::string& out, const std::string& url, const demo_event& demo) {
    out +=
        "\nThree commands to paste:\n\n"
        "  # join the event; the voter token stays in the cookie jar\n"
        "  curl -sS -c tallycast.cookies -H 'Content-Type: application/json' -d '{\"code\":\"" +
        demo.code + "\"}' " + url +
        "/v1/join\n\n"
        "  # vote\n"
        "  curl -sS -b tallycast.cookies -H 'Content-Type: application/json' -d "
        "'{\"choices\":[\"a\"]}' " +
        url + "/v1/polls/" + demo.poll.str() +
        "/votes\n\n"
        "  # see the results\n"
        "  curl -sS " +
        url + "/v1/polls/" + demo.poll.str() + "/results\n";
}

}  // namespace

std::string terminal_qr(std::string_view text) {
    const auto code = wire::qr_code::of(text);
    if (!code) return {};
    constexpr int quiet = 2;
    std::string out;
    for (int y = -quiet; y < code->size() + quiet; y += 2) {
        out += "  ";
        for (int x = -quiet; x < code->size() + quiet; ++x) {
            const bool upper = !code->dark(x, y);
            const bool lower = !code->dark(x, y + 1);
            out += upper ? (lower ? "█" : "▀") : (lower ? "▄" : " ");
        }
        out += '\n';
    }
    return out;
}

void print_welcome(const config::settings& settings, const welcome_text& what) {
    const std::string_view scheme = settings.tls_cert.empty() ? "http" : "https";
    const auto local = url_of(reachable_here(what.listening), what.listening.port(), scheme);
    const auto near = reachable_from_near(what.listening);
    const auto phones = !settings.public_url.empty() ? settings.public_url
                        : near                       ? url_of(*near, what.listening.port(), scheme)
                                                     : local;
    std::string out =
        "Tallycast " TALLYCAST_VERSION "\n\n  API and pages  " + local + "\n  operations     " +
        url_of(reachable_here(what.operations), what.operations.port()) + "/readyz, /metrics\n";
    if (what.pages) out += "  studio         " + local + "/studio\n";
    if (what.keys.made_host_key)
        out += "\nMade at this first start and shown only now; keep them:\n\n  host key       " +
               *what.keys.made_host_key + '\n';
    if (what.keys.made_operator_key)
        out += "  operator key   " + *what.keys.made_operator_key + '\n';
    if (what.demo) {
        const auto join = phones + '/' + what.demo->code;
        out += "\nThe demo event\n\n  join code      " + what.demo->code + "\n  join page      " +
               join +
               (what.pages ? "\n  screen         " + local + "/present/" + what.demo->event.str()
                           : "") +
               "\n\n" + terminal_qr(join);
        append_commands(out, local, *what.demo);
    }
    out += '\n';
    std::fwrite(out.data(), 1, out.size(), stdout);
    std::fflush(stdout);
}

}  // namespace tallycast::server
