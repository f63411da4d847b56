// TLS, passwords and users, against a real redis-server.

#include "rig.hpp"

#include <redis/command.hpp>
#include <redis/subscriber.hpp>

#include <support/certificates.hpp>

namespace tallycast::test {

namespace {

using redis::command;

class Redis_way_in : public redis_rig {
protected:
    // Not ready, and the reason can be read.
    void expect_refused(const std::string& words) {
        EXPECT_TRUE(eventually([&] {
            return client_->last_error().find(words) != std::string::npos;
        })) << client_->last_error();
        EXPECT_FALSE(client_->ready());
        EXPECT_EQ(client_->last_error().find("secret"), std::string::npos);
    }
};

class Redis_over_tls : public Redis_way_in {
protected:
    std::vector<std::string> arguments(const certificates& of) const {
        return {"--port",
                "0",
                "--tls-port",
                std::to_string(port_),
                "--tls-cert-file",
                of.certificate(),
                "--tls-key-file",
                of.key(),
                "--tls-ca-cert-file",
                of.authority(),
                "--tls-auth-clients",
                "no"};
    }
    std::string url() const { return "rediss://127.0.0.1:" + std::to_string(port_); }

    const std::uint16_t port_ = free_port();
    const certificates own_;
    redis_server server_{arguments(own_), port_, {"--tls", "--cacert", own_.authority()}};
};

TEST_F(Redis_over_tls, Calls_and_listens) {
    options_.ca_file = own_.authority();
    connect(url());
    EXPECT_EQ(said({command{"SET", "k", std::string(1'000'000, 'x')}}), "OK");
    EXPECT_EQ(said({command{"GET", "k"}}), std::string(1'000'000, 'x'));
    std::string heard;
    bool listening = false;
    redis::subscriber subscriber(
        io_.get_executor(), redis::parse_deployment(url()).value(), options_, {"news"},
        [&](std::string_view, std::string_view payload) { heard = payload; },
        [&] { listening = true; }, log_);
    subscriber.start();
    ASSERT_TRUE(eventually([&] { return listening; }));
    EXPECT_EQ(said({command{"SPUBLISH", "news", "hello"}}), "1");
    EXPECT_TRUE(eventually([&] { return heard == "hello"; }));
}

TEST_F(Redis_over_tls, Refuses_a_certificate_of_an_authority_it_does_not_trust) {
    const certificates others;
    options_.ca_file = others.authority();
    connect(url());
    expect_refused("TLS: certificate verify failed");
}

TEST_F(Redis_over_tls, Refuses_a_certificate_of_another_name) {
    options_.ca_file = own_.authority();
    connect("rediss://localhost:" + std::to_string(port_));  // the certificate is for 127.0.0.1
    expect_refused("TLS: certificate verify failed");
}

TEST_F(Redis_over_tls, Says_when_the_authorities_cannot_be_read) {
    options_.ca_file = "/nowhere/ca.pem";
    connect(url());
    expect_refused("/nowhere/ca.pem");
    EXPECT_FALSE(call({command{"PING"}}, 50ms));
}

TEST_F(Redis_over_tls, Does_not_wait_for_ever_for_a_handshake) {
    redis_server plain;
    plain.freeze();  // connects, and never says anything
    options_.connect_time = 100ms;
    connect("rediss://127.0.0.1:" + std::to_string(plain.port()));
    expect_refused("no handshake in time");
}

class Redis_with_password : public Redis_way_in {
protected:
    std::string url(const std::string& login) const {
        return "redis://" + login + "@127.0.0.1:" + std::to_string(server_.port());
    }
    redis_server server_{{"--requirepass", "secret"}, 0, {"-a", "secret"}};
};

TEST_F(Redis_with_password, Lets_the_default_user_in) {
    connect(url(":secret"));
    EXPECT_EQ(said({command{"ACL", "WHOAMI"}}), "default");
}

TEST_F(Redis_with_password, Lets_a_user_of_the_acl_in) {
    ASSERT_EQ(server_.say({"ACL", "SETUSER", "tally", "on", ">p@:/secret", "~*", "&*", "+@all"}),
              "OK");
    connect(url("tally:p%40%3A%2Fsecret"));
    EXPECT_EQ(said({command{"ACL", "WHOAMI"}}), "tally");
}

TEST_F(Redis_with_password, Says_that_a_password_is_wanted) {
    connect(server_.url());
    expect_refused("NOAUTH");
    EXPECT_TRUE(log_.says("NOAUTH"));
}

TEST_F(Redis_with_password, Says_that_the_password_is_wrong) {
    connect(url(":wrong-secret"));
    expect_refused("WRONGPASS");
}

TEST_F(Redis_with_password, Comes_in_once_the_password_is_right) {
    connect(url(":later"));
    expect_refused("WRONGPASS");
    server_.say({"CONFIG", "SET", "requirepass", "later"});
    EXPECT_TRUE(becomes_ready());
    EXPECT_EQ(client_->last_error(), "");
}

TEST_F(Redis_with_password, Says_what_a_user_may_not_do_at_all) {
    server_.say({"ACL", "SETUSER", "tally", "on", ">secret", "~*", "&*", "+@all", "-role"});
    connect(url("tally:secret"));
    expect_refused("NOPERM");
}

TEST_F(Redis_with_password, Says_what_a_user_may_not_do_any_more) {
    server_.say({"ACL", "SETUSER", "tally", "on", ">secret", "~*", "&*", "+@all"});
    connect(url("tally:secret"));
    EXPECT_EQ(said({command{"SET", "k", "v"}}), "OK");
    server_.say({"ACL", "SETUSER", "tally", "-set"});
    const auto got = call({command{"SET", "k", "v"}});
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, redis::call_error::unavailable);
    expect_refused("NOPERM");
    server_.say({"ACL", "SETUSER", "tally", "+set"});
    EXPECT_EQ(said({command{"SET", "k", "v"}}), "OK");
    EXPECT_TRUE(client_->ready());
}

}  // namespace

}  // namespace tallycast::test
