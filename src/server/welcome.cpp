#include <tallycast/server/welcome.hpp>

#include <boost/asio/ip/udp.hpp>

#include <qrencode.h>

#include <cstdio>
#include <memory>

namespace tallycast::server {

namespace {

using endpoint = boost::asio::ip::tcp::endpoint;

std::string url_of(const boost::asio::ip::address& address, std::uint16_t port) {
    const auto text = address.to_string();
    return "http://" + (address.is_v6() ? '[' + text + ']' : text) + ':' + std::to_string(port);
}

boost::asio::ip::address reachable_here(const endpoint& at) {
    if (!at.address().is_unspecified()) return at.address();
    return boost::asio::ip::make_address(at.address().is_v6() ? "::1" : "127.0.0.1");
}

// The address by which a phone in the same network reaches a node that listens on all of them: the
// one the system would send from. Connecting a datagram socket asks the routing table and sends
// nothing.
std::optional<boost::asio::ip::address> reachable_from_near(const endpoint& at) {
    if (!at.address().is_unspecified()) return std::nullopt;
    boost::asio::io_context io;
    boost::asio::ip::udp::socket probe(io);
    boost::system::error_code ec;
    probe.connect({boost::asio::ip::make_address("192.0.2.1"), 9}, ec);
    if (ec) return std::nullopt;
    const auto local = probe.local_endpoint(ec);
    if (ec || local.address().is_loopback()) return std::nullopt;
    return local.address();
}

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
    const std::unique_ptr<QRcode, decltype(&QRcode_free)> code(
        QRcode_encodeString(std::string(text).c_str(), 0, QR_ECLEVEL_L, QR_MODE_8, 1), QRcode_free);
    if (!code) return {};
    constexpr int quiet = 2;
    const auto dark = [&](int x, int y) {
        const bool inside = x >= 0 && y >= 0 && x < code->width && y < code->width;
        return inside && (code->data[y * code->width + x] & 1) != 0;
    };
    std::string out;
    for (int y = -quiet; y < code->width + quiet; y += 2) {
        out += "  ";
        for (int x = -quiet; x < code->width + quiet; ++x) {
            const bool upper = !dark(x, y);
            const bool lower = !dark(x, y + 1);
            out += upper ? (lower ? "█" : "▀") : (lower ? "▄" : " ");
        }
        out += '\n';
    }
    return out;
}

void print_welcome(const config::settings& settings, const welcome_text& what) {
    const auto local = url_of(reachable_here(what.listening), what.listening.port());
    const auto near = reachable_from_near(what.listening);
    const auto phones = !settings.public_url.empty() ? settings.public_url
                        : near                       ? url_of(*near, what.listening.port())
                                                     : local;
    std::string out =
        "Tallycast " TALLYCAST_VERSION "\n\n  API and pages  " + local + "\n  operations     " +
        url_of(reachable_here(what.operations), what.operations.port()) + "/readyz, /metrics\n";
    if (what.keys.made_host_key)
        out += "\nMade at this first start and shown only now; keep them:\n\n  host key       " +
               *what.keys.made_host_key + '\n';
    if (what.keys.made_operator_key)
        out += "  operator key   " + *what.keys.made_operator_key + '\n';
    if (what.demo) {
        const auto join = phones + '/' + what.demo->code;
        out += "\nThe demo event\n\n  join code      " + what.demo->code + "\n  join page      " +
               join + "\n\n" + terminal_qr(join);
        append_commands(out, local, *what.demo);
    }
    out += '\n';
    std::fwrite(out.data(), 1, out.size(), stdout);
    std::fflush(stdout);
}

}  // namespace tallycast::server
