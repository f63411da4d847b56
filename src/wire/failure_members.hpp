#pragma once
// What a failure says beside its code, the same in a problem's body and in a live error.

#include <tallycast/base/error.hpp>

#include "json_text.hpp"

namespace tallycast::wire {

// detail (the title where the failure has none), and whichever there are of retry_after_ms,
// closed_at, late_ms, limit.
void append_members(object_writer& to, const base::failure& f);

}  // namespace tallycast::wire
