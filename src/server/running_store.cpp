#include <tallycast/server/running_store.hpp>

#include <tallycast/server/settings_for.hpp>

#include <utility>

namespace tallycast::server {

namespace {

class embedded_store final : public running_store {
public:
    embedded_store(std::unique_ptr<embedded::store> store, const ports::clock& clock)
        : store_(std::move(store)), clock_(clock) {}

    base::result<void> start(ports::change_listener& listener) override {
        store_->start(listener);
        return {};
    }
    ports::poll_store& polls() override { return *store_; }
    ports::vote_store& votes_on(boost::asio::any_io_executor) override { return *store_; }
    const ports::clock& clock() override { return clock_; }
    ports::token_lender* lender() override { return nullptr; }
    ports::roll_call* roll() override { return nullptr; }
    bool ready() const noexcept override { return store_->ready(); }
    std::string trouble() const override { return {}; }
    void stop() override { store_->stop(); }

private:
    std::unique_ptr<embedded::store> store_;
    const ports::clock& clock_;
};

class redis_store final : public running_store {
public:
    explicit redis_store(std::unique_ptr<redis::store> store) : store_(std::move(store)) {}

    base::result<void> start(ports::change_listener& listener) override {
        return store_->start(listener);
    }
    ports::poll_store& polls() override { return *store_; }
    ports::vote_store& votes_on(boost::asio::any_io_executor core) override {
        return store_->votes_on(std::move(core));
    }
    const ports::clock& clock() override { return store_->clock(); }
    ports::token_lender* lender() override { return store_.get(); }
    ports::roll_call* roll() override { return store_.get(); }
    bool ready() const noexcept override { return store_->ready(); }
    std::string trouble() const override { return store_->trouble(); }
    void stop() override { store_->stop(); }

private:
    std::unique_ptr<redis::store> store_;
};

template <class Face, class Store, class... More>
base::result<std::unique_ptr<running_store>> behind_face(
    base::result<std::unique_ptr<Store>> opened, const More&... more) {
    if (!opened) return opened.error();
    return std::unique_ptr<running_store>(std::make_unique<Face>(std::move(*opened), more...));
}

}  // namespace

base::result<std::unique_ptr<running_store>> running_store::open(const config::settings& s,
                                                                 const ports::clock& clock,
                                                                 ports::meter& meter,
                                                                 ports::log& log) {
    if (config::is_embedded(s))
        return behind_face<embedded_store>(
            embedded::store::open(embedded_options_of(s), clock, meter, log), clock);
    return behind_face<redis_store>(redis::store::open(redis_options_of(s), clock, meter, log));
}

}  // namespace tallycast::server
