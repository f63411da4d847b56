#pragma once
// From an address to a link one may talk over: connected and, where there is a password,
// authenticated. And the simplest way to talk: one pipeline, its replies.

#include "call_result.hpp"
#include "client_options.hpp"
#include "command.hpp"
#include "link.hpp"

#include <tallycast/redis/deployment.hpp>

#include <memory>

namespace tallycast::redis {

struct dialling {
    boost::asio::any_io_executor executor;
    client_options options;
    credentials login;
    tls_context tls;  // empty: plain TCP
};

// Within options.connect_time. unauthorised when the server wants other credentials (the detail
// tells what to do), store_unavailable otherwise.
boost::asio::awaitable<base::result<std::shared_ptr<link>>> dial(dialling with, endpoint to);

boost::asio::awaitable<call_result<replies>> talk(std::shared_ptr<link> over, pipeline what,
                                                  base::mono_time until);

// The same; and where a function is missing, loads the library and says all of it again.
boost::asio::awaitable<call_result<replies>> talk_with_library(std::shared_ptr<link> over,
                                                               pipeline what, std::string library,
                                                               base::mono_time until);

// What to tell the operator about NOAUTH, WRONGPASS or NOPERM.
base::failure refused(const endpoint& by, const std::string& words);
bool is_refusal(const std::string& words);

}  // namespace tallycast::redis
