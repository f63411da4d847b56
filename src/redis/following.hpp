#pragma once
// Which replicas keep up with a primary, as its answers to ROLE tell. One that is attached but lets
// a group wait in vain is not counted before it has what it missed then, or every group behind
// would wait in vain, too. Pure; one thread.

#include "reply.hpp"

#include <cstdint>
#include <vector>

namespace tallycast::redis {

class following {
public:
    // An answer to ROLE; one that is no primary's says nothing.
    void heard(const reply& role);
    // A WAIT came back with less than was asked for, sent after the ROLE heard last.
    void fell_short() { missed_ = offset_; }

    int keeping_up() const;
    int attached() const { return static_cast<int>(acknowledged_.size()); }

private:
    std::int64_t offset_ = 0;
    std::int64_t missed_ = 0;                 // what a replica must have to be counted
    std::vector<std::int64_t> acknowledged_;  // by each attached replica
};

}  // namespace tallycast::redis
