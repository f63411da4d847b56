#pragma once
// One function a kind of value: text to value, or one sentence that says what is wrong with the
// text. Pure. Failures carry errc::invalid_request. Sentences about keys never quote the key.

#include <tallycast/base/error.hpp>
#include <tallycast/config/settings.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tallycast::config {

base::result<std::uint32_t> parse_integer(std::string_view text, std::uint32_t least,
                                          std::uint32_t most);
base::result<double> parse_number(std::string_view text, double least, double most);
// on, off, true, false, yes, no, 1, 0.
base::result<bool> parse_switch(std::string_view text);
// Digits and one of ms, s, m, h.
base::result<std::chrono::milliseconds> parse_duration(std::string_view text,
                                                       std::chrono::milliseconds least,
                                                       std::chrono::milliseconds most);
// "0.0.0.0:8080", "[::]:8080".
base::result<endpoint> parse_endpoint(std::string_view text);
// Between commas, without surrounding blanks; empty text is an empty list, an empty item stays to
// be refused.
std::vector<std::string> split_list(std::string_view text);
std::string_view trimmed(std::string_view text);
// "10.0.0.0/8" or a lone address; the answer is the text itself.
base::result<std::string> parse_address_block(std::string_view text);
// As a browser sends it in Origin: lower case, no default port, no path.
base::result<std::string> parse_origin(std::string_view text);
// An origin with an optional path; without a trailing slash.
base::result<std::string> parse_public_url(std::string_view text);
// What fits into an Authorization header and is no token of a voter.
base::result<std::string> parse_key(std::string_view text);
// id:hex64, by commas or lines; ids distinct.
base::result<std::vector<token_key>> parse_token_keys(std::string_view text);

// The shortest of 1s, 90s, 2m, 250ms that says it exactly.
std::string show_duration(std::chrono::milliseconds value);
std::string show_number(double value);

}  // namespace tallycast::config
