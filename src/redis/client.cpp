#include "client.hpp"

#include "client_core.hpp"

#include <utility>

namespace tallycast::redis {

namespace asio = boost::asio;

client::client(asio::any_io_executor executor, deployment where, client_options options,
               std::string library, ports::meter& meter, ports::log& log, greeter* first_words)
    : core_(std::make_shared<client_core>(std::move(executor), std::move(where), std::move(options),
                                          std::move(library), meter, log, first_words)) {}

client::~client() { core_->stop(); }

void client::start() { core_->start(); }
void client::stop() { core_->stop(); }

asio::awaitable<call_result<replies>> client::call(slot at, pipeline what,
                                                   std::chrono::milliseconds deadline) {
    return client_core::call(core_, at, std::move(what), deadline, client_core::reads::primary);
}

asio::awaitable<call_result<written>> client::write(slot at, pipeline what,
                                                    std::chrono::milliseconds deadline,
                                                    copies wanted, bool position) {
    return client_core::write(core_, at, std::move(what), deadline, wanted, position);
}

asio::awaitable<call_result<replies>> client::call_replica(slot at, pipeline what,
                                                           std::chrono::milliseconds deadline) {
    return client_core::call(core_, at, std::move(what), deadline, client_core::reads::replica);
}

bool client::ready() const { return core_->ready(); }
bool client::fenced() const { return core_->fenced(); }
std::vector<primary> client::primaries() const { return core_->primaries(); }
std::size_t client::primary_count() const { return core_->primary_count(); }
std::string client::last_error() const { return core_->last_error(); }

}  // namespace tallycast::redis
