#pragma once
// How a call ends that has no replies to show.

#include "reply.hpp"

#include <boost/system/result.hpp>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>

namespace tallycast::redis {

enum class call_error : std::uint8_t {
    unavailable = 1,  // nothing was carried out
    unknown,          // sent, and no answer that counts: may have been carried out
    overloaded,       // the bounded queue is full; nothing was sent
    stopped           // the client was stopped; may have been carried out
};

struct call_failure {
    call_error code = call_error::unavailable;
    std::string detail;    // for the log
    bool refused = false;  // for what no repetition mends; the detail is what Redis said
};

[[noreturn]] inline void throw_exception_from_error(const call_failure& f,
                                                    const boost::source_location&) {
    throw std::logic_error("unchecked failure of a call to Redis: " + f.detail);
}

template <class T>
using call_result = boost::system::result<T, call_failure>;

}  // namespace tallycast::redis
