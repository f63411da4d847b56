#pragma once
// One subscriber's conversation as a state machine without I/O: upgrade, wait for the first
// message, say what it is there for, and count what comes. Pure; small, because there are many.

#include <tallycast/load/comeback.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tallycast::load {

// What all subscribers of a run have in common; outlives them.
struct watch_wishes {
    std::string request;    // the upgrade, whole
    std::string say;        // a text sent once the connection is open; empty: none
    bool greeted = true;    // the server speaks first, and `say` waits for that
    bool tallycast = true;  // count results and follow their versions; else count every text
};

class watcher {
public:
    enum class stage : std::uint8_t { upgrading, greeting, watching, broken };

    // Takes in what came and appends what is to be sent. Broken: the connection is of no more use.
    void take(std::string_view bytes, const watch_wishes& wishes, std::string& out);

    stage now() const noexcept { return stage_; }
    std::uint64_t messages() const noexcept { return messages_; }
    std::uint64_t bytes() const noexcept { return bytes_; }      // of frames counted as messages
    std::uint64_t version() const noexcept { return version_; }  // of the newest results
    bool saw_final(std::string_view poll) const;
    std::uint32_t steps_back() const noexcept { return steps_back_; }
    std::uint32_t pings() const noexcept { return pings_; }
    const parting& ended() const noexcept { return ended_; }  // once broken

private:
    // What was seen of a poll last; versions are its own.
    struct sight {
        std::size_t poll = 0;  // hash of its id
        std::uint64_t version = 0;
        bool final = false;
    };

    std::string_view read_upgrade(std::string_view bytes, const watch_wishes& wishes,
                                  std::string& out);
    void read_text(std::string_view payload, std::size_t frame_size, const watch_wishes& wishes,
                   std::string& out);
    void begin_watching(const watch_wishes& wishes, std::string& out);
    void read_results(std::string_view payload);
    void read_refusal(std::string_view head);

    std::string rest_;  // a head or frame that is not whole yet
    std::vector<sight> sights_;
    parting ended_;
    std::uint64_t messages_ = 0;
    std::uint64_t bytes_ = 0;
    std::uint64_t version_ = 0;
    std::uint32_t steps_back_ = 0;
    std::uint32_t pings_ = 0;
    stage stage_ = stage::upgrading;
};

}  // namespace tallycast::load
