#include "inbox.hpp"

#include <utility>

namespace tallycast::embedded {

inbox::entry inbox::put(command_ptr& one) {
    bool wake = false;
    {
        const std::lock_guard lock(mutex_);
        if (closed_) return entry::closed;
        if (waiting_.size() >= limit_) return entry::full;
        waiting_.push_back(std::move(one));
        wake = std::exchange(asleep_, false);
    }
    if (wake) something_.notify_one();
    return entry::taken_in;
}

std::vector<command_ptr> inbox::take(std::optional<std::chrono::milliseconds> longest) {
    std::unique_lock lock(mutex_);
    const auto woken = [this] { return !waiting_.empty() || closed_; };
    if (!woken()) {
        asleep_ = true;
        if (longest) something_.wait_for(lock, *longest, woken);
        else something_.wait(lock, woken);
        asleep_ = false;
    }
    return std::exchange(waiting_, {});
}

void inbox::close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    something_.notify_one();
}

bool inbox::closed() const {
    const std::lock_guard lock(mutex_);
    return closed_;
}

}  // namespace tallycast::embedded
