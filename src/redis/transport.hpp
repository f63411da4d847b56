#pragma once
// A connected stream of bytes, plain TCP or TLS. One thread; one read and one write at a time.

#include <tallycast/base/error.hpp>
#include <tallycast/base/time.hpp>
#include <tallycast/redis/deployment.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ssl/context.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace tallycast::redis {

class transport {
public:
    virtual ~transport() = default;

    virtual boost::asio::awaitable<std::size_t> read_some(std::span<char> into,
                                                          boost::system::error_code& ec) = 0;
    virtual boost::asio::awaitable<void> write(std::string_view bytes,
                                               boost::system::error_code& ec) = 0;
    // What reads and writes ends with an error.
    virtual void close() = 0;
};

using tls_context = std::shared_ptr<boost::asio::ssl::context>;

// TLS 1.2 or newer, peers verified against the file's authorities or the system's.
// invalid_request when the file cannot be used.
base::result<tls_context> make_tls_context(const std::string& ca_file);

// Resolves, connects and, with a context, shakes hands and checks the name; store_unavailable with
// the reason when that did not end by `until`.
boost::asio::awaitable<base::result<std::unique_ptr<transport>>> open_transport(
    boost::asio::any_io_executor executor, endpoint to, tls_context tls, base::mono_time until);

}  // namespace tallycast::redis
