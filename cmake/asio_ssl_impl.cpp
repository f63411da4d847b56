// The non-template parts of Asio's TLS, compiled here and nowhere else
// (BOOST_ASIO_SEPARATE_COMPILATION).
#include <boost/asio/ssl/impl/src.hpp>
