#pragma once
// The bytes of a connection that have come and are not yet consumed, in one piece. Grows to what is
// asked for and never clears memory; what is left moves to the front only when room is needed.

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

namespace tallycast::net {

class receive_buffer {
public:
    std::string_view bytes() const noexcept { return {storage_.get() + begin_, end_ - begin_}; }
    bool empty() const noexcept { return begin_ == end_; }

    // Where at least `wanted` more bytes can be received. Views of earlier bytes end here.
    std::span<char> room(std::size_t wanted) {
        if (capacity_ - end_ < wanted) make_room(wanted);
        return {storage_.get() + end_, capacity_ - end_};
    }
    void received(std::size_t count) noexcept { end_ += count; }
    void consume(std::size_t count) noexcept {
        begin_ += count;
        if (begin_ == end_) begin_ = end_ = 0;
    }

private:
    void make_room(std::size_t wanted) {
        const std::size_t held = end_ - begin_;
        if (capacity_ < held + wanted) {
            capacity_ = std::max(held + wanted, capacity_ * 2);
            auto grown = std::make_unique_for_overwrite<char[]>(capacity_);
            if (held > 0) std::memcpy(grown.get(), storage_.get() + begin_, held);
            storage_ = std::move(grown);
        } else {
            std::memmove(storage_.get(), storage_.get() + begin_, held);
        }
        begin_ = 0;
        end_ = held;
    }

    std::unique_ptr<char[]> storage_;
    std::size_t capacity_ = 0;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

}  // namespace tallycast::net
