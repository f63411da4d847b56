#pragma once
// What is wrong with a deployment, by what its servers said of themselves. Pure.

#include "survey.hpp"

#include <tallycast/redis/doctor.hpp>

#include <vector>

namespace tallycast::redis {

// Problems first; the same at several servers is one finding.
std::vector<finding> diagnosed(const survey& all, durability level);

}  // namespace tallycast::redis
