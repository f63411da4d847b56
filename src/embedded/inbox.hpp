#pragma once
// The one way into the store's thread: many callers put, the thread takes everything there is at
// once.

#include "command.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>
#include <vector>

namespace tallycast::embedded {

class inbox {
public:
    enum class entry { taken_in, full, closed };

    explicit inbox(std::size_t limit) : limit_(limit) {}

    // The command is moved from only when it was taken in. Any thread.
    entry put(command_ptr& one);

    // Waits until there is something, it is closed, or `longest` has passed; without one, as long
    // as it takes.
    std::vector<command_ptr> take(std::optional<std::chrono::milliseconds> longest);

    void close();
    bool closed() const;

private:
    mutable std::mutex mutex_;
    std::condition_variable something_;
    std::vector<command_ptr> waiting_;
    std::size_t limit_;
    bool asleep_ = false;
    bool closed_ = false;
};

}  // namespace tallycast::embedded
