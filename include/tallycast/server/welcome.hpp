#pragma once
// What a start prints for the person at the terminal: where to go, the keys made just now, and for
// a demo the code, a QR code and commands to paste. Goes to stdout; the log goes to stderr.

#include <tallycast/config/settings.hpp>
#include <tallycast/server/demo.hpp>
#include <tallycast/server/first_tenant.hpp>

#include <boost/asio/ip/tcp.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace tallycast::server {

struct welcome_text {
    boost::asio::ip::tcp::endpoint listening;
    boost::asio::ip::tcp::endpoint operations;
    bool pages = true;  // the studio and the screen are built in
    first_tenant keys;
    std::optional<demo_event> demo;
};

void print_welcome(const config::settings& settings, const welcome_text& what);

// The text as a QR code in half-height blocks, for a terminal with light text on dark; empty when
// the text is too long for one.
std::string terminal_qr(std::string_view text);

}  // namespace tallycast::server
