#pragma once
// What a client is behind its handle: coroutines of calls keep it alive until they ended. One
// thread.

#include "bell.hpp"
#include "call_course.hpp"
#include "client.hpp"
#include "node.hpp"
#include "topology.hpp"

#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>

namespace tallycast::redis {

class client_core : public std::enable_shared_from_this<client_core> {
public:
    using self_ptr = std::shared_ptr<client_core>;

    client_core(boost::asio::any_io_executor executor, deployment where, client_options options,
                std::string library, ports::meter& meter, ports::log& log, greeter* first_words);

    void start();
    void stop();

    enum class reads : std::uint8_t { primary = 1, replica };
    static boost::asio::awaitable<call_result<replies>> call(self_ptr self, slot at, pipeline what,
                                                             std::chrono::milliseconds deadline,
                                                             reads from);
    static boost::asio::awaitable<call_result<written>> write(self_ptr self, slot at, pipeline what,
                                                              std::chrono::milliseconds deadline,
                                                              copies wanted, bool position);

    bool ready() const;
    bool fenced() const { return topology_ && topology_->fenced(); }
    std::vector<primary> primaries() const;
    std::size_t primary_count() const { return followed_.primaries().size(); }
    std::string last_error() const;

private:
    using nodes = std::map<endpoint, std::shared_ptr<node>>;

    // One call and its latest attempt.
    struct errand {
        slot at;
        pipeline what;
        reads from;
        call_course course;
        bool load_first = false;  // the library was missing
        bool sent = false;
        std::shared_ptr<link> over = nullptr;
        std::uint64_t libraries_before = 0;
        replies loaded = {};  // what FUNCTION LOAD said
        copies wanted = {};
        bool position = false;  // ROLE follows what is sent, and then WAIT if some are needed
        int needed = 0;         // replicas it asked for
    };
    class admission;

    static boost::asio::awaitable<call_result<replies>> carry_out(self_ptr self, errand& job);
    static boost::asio::awaitable<call_result<replies>> find_answer(self_ptr self, errand& job);
    static boost::asio::awaitable<call_result<replies>> attempt(self_ptr self, errand& job);
    static boost::asio::awaitable<std::shared_ptr<link>> link_for(self_ptr self, errand& job);
    static pipeline words_after(errand& job, const link& over);
    void hear_followers(const errand& job, const replies& got);
    std::shared_ptr<exchange> send_library(errand& job, const std::shared_ptr<link>& over);
    std::shared_ptr<link> link_now(const errand& job);
    std::shared_ptr<link> replica_link(slot at);
    std::shared_ptr<link> link_to(const endpoint& at);
    verdict learn_from(const replies& got, const errand& job);
    bool refused() const;
    std::optional<call_failure> closed(const errand& job) const;
    call_failure given_up(const errand& job) const;

    std::shared_ptr<surroundings> make_surroundings(std::string library, greeter* first_words);
    void follow_topology();
    void keep_only(nodes& kept, const std::vector<endpoint>& wanted, server_role as);
    std::vector<endpoint> wanted_replicas() const;
    double luck();

    boost::asio::any_io_executor executor_;
    deployment where_;
    client_options options_;
    std::string library_;
    ports::meter& meter_;
    ports::log& log_;
    greeter* first_words_;
    std::minstd_rand random_{std::random_device{}()};

    std::shared_ptr<surroundings> around_;
    std::shared_ptr<topology> topology_;
    slot_map followed_;  // the map the nodes below are kept for
    nodes primaries_;
    nodes replicas_;
    bell changed_;
    bool stopped_ = false;
    bool was_fenced_ = false;
    std::string start_failure_;
    // What a call was refused for; until one succeeds, or for a while if none is tried.
    std::string refusal_;
    base::mono_time refused_until_{};
    std::size_t commands_waiting_ = 0;
    std::size_t bytes_waiting_ = 0;
    std::size_t next_replica_ = 0;
};

}  // namespace tallycast::redis
