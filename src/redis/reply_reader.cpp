#include "reply_reader.hpp"

#include <hiredis/read.h>

#include <charconv>
#include <new>
#include <utility>

namespace tallycast::redis {

namespace {

// The reply under way and what it may still hold. hiredis builds it from the top down, so a new
// element is always the last of its array, and the arrays above it do not grow meanwhile.
struct building {
    reply root;
    std::size_t elements = 0;

    reply* place(const redisReadTask* task, reply&& made) noexcept {
        try {
            if (!task->parent) return &(root = std::move(made));
            auto& items = static_cast<reply*>(task->parent->obj)->items;
            return &items.emplace_back(std::move(made));
        } catch (const std::bad_alloc&) {
            return nullptr;  // hiredis makes an error of it
        }
    }
};

building& under_way(const redisReadTask* task) { return *static_cast<building*>(task->privdata); }

int depth_of(const redisReadTask* task) {
    int depth = 0;
    for (; task; task = task->parent) ++depth;
    return depth;
}

// In all of these nullptr means: refused. `auto` where hiredis 0.14 and 1.x differ in a type.
redisReplyObjectFunctions builders() {
    redisReplyObjectFunctions f{};
    f.createString = [](const redisReadTask* task, char* text, std::size_t size) -> void* {
        auto what = reply::kind::text;
        if (task->type == REDIS_REPLY_STATUS) what = reply::kind::status;
        else if (task->type == REDIS_REPLY_ERROR) what = reply::kind::error;
        else if (task->type != REDIS_REPLY_STRING) return nullptr;
        return under_way(task).place(task, {what, 0, std::string(text, size), {}});
    };
    f.createArray = [](const redisReadTask* task, auto size) -> void* {
        auto& at = under_way(task);
        at.elements += static_cast<std::size_t>(size);
        if (task->type != REDIS_REPLY_ARRAY || at.elements > most_elements) return nullptr;
        if (depth_of(task) > deepest_reply) return nullptr;
        return at.place(task, {reply::kind::array, 0, {}, {}});
    };
    f.createInteger = [](const redisReadTask* task, long long number) -> void* {
        return under_way(task).place(task, {reply::kind::integer, number, {}, {}});
    };
    f.createNil = [](const redisReadTask* task) -> void* {
        // What is missing here is a string or an array; a null of its own is RESP3.
        if (task->type == REDIS_REPLY_NIL) return nullptr;
        return under_way(task).place(task, {});
    };
    f.freeObject = [](void*) {};
    return f;
}

// hiredis 1.x knows RESP3 as well, which is not spoken here.
template <class Functions>
void refuse_resp3(Functions& f) {
    if constexpr (requires { f.createDouble; })
        f.createDouble = [](auto...) -> void* { return nullptr; };
    if constexpr (requires { f.createBool; })
        f.createBool = [](auto...) -> void* { return nullptr; };
}

// The kind of what is being read, or -1 before its first byte.
template <class Reader>
int kind_under_way(const Reader& r) {
    if (r.ridx < 0) return -1;
    if constexpr (requires { r.rstack; }) return r.rstack[r.ridx].type;
    else return r.task[r.ridx]->type;
}

}  // namespace

struct reply_reader::codec {
    codec() : functions(builders()) {
        refuse_resp3(functions);
        reader = redisReaderCreateWithFunctions(&functions);
        if (!reader) throw std::bad_alloc();
        reader->privdata = &reply_under_way;
    }
    ~codec() { redisReaderFree(reader); }
    codec(const codec&) = delete;
    codec& operator=(const codec&) = delete;

    // hiredis waits for as much as is announced; we do not.
    void look_at_what_is_left() {
        const std::string_view left(reader->buf + reader->pos, reader->len - reader->pos);
        if (kind_under_way(*reader) != REDIS_REPLY_STRING) {
            if (left.size() > longest_line) why = "a line without end";
            return;
        }
        std::size_t announced = 0;
        const auto end = left.find('\r');
        if (end == left.npos) {
            if (left.size() > 20) why = "a length that is no number";
            return;
        }
        const auto digits = left.substr(0, end);
        const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), announced);
        if (digits != "-1" && (read.ec != std::errc{} || announced > longest_bulk))
            why = "a string longer than the bound";
    }

    redisReplyObjectFunctions functions;
    building reply_under_way;
    redisReader* reader = nullptr;
    std::string why;
};

reply_reader::reply_reader() : codec_(std::make_unique<codec>()) {}
reply_reader::~reply_reader() = default;

bool reply_reader::failed() const noexcept { return !codec_->why.empty(); }
const std::string& reply_reader::why() const noexcept { return codec_->why; }

void reply_reader::feed(std::string_view bytes) {
    if (failed()) return;
    if (redisReaderFeed(codec_->reader, bytes.data(), bytes.size()) != 0)
        codec_->why = codec_->reader->errstr;
}

std::optional<reply> reply_reader::next() {
    if (failed()) return {};
    void* found = nullptr;
    if (redisReaderGetReply(codec_->reader, &found) != 0) {
        codec_->why = codec_->reader->errstr[0] ? codec_->reader->errstr : "no reply of Redis";
        return {};
    }
    if (!found) {
        codec_->look_at_what_is_left();
        return {};
    }
    codec_->reply_under_way.elements = 0;
    return std::exchange(codec_->reply_under_way.root, {});
}

}  // namespace tallycast::redis
