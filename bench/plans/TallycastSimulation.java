import static io.gatling.javaapi.core.CoreDsl.*;
import static io.gatling.javaapi.http.HttpDsl.*;

import io.gatling.javaapi.core.ChainBuilder;
import io.gatling.javaapi.core.ScenarioBuilder;
import io.gatling.javaapi.core.Simulation;
import java.time.Duration;
import java.util.UUID;

/**
 * People who join and vote, by Gatling. See README.md for the variables.
 *
 * <p>Each of Gatling's users is one person, with cookies of their own: joins, votes once, looks at the result.
 */
public class TallycastSimulation extends Simulation {
    private static final String URL = System.getenv("TALLYCAST_URL");
    private static final String CODE = System.getenv("TALLYCAST_CODE");
    private static final String POLL = System.getenv("TALLYCAST_POLL");
    private static final double PEOPLE_A_SECOND = Double.parseDouble(System.getProperty("people", "20"));
    private static final long SECONDS = Long.getLong("seconds", 10);

    private final ChainBuilder join =
            exec(http("join")
                    .post("/v1/join")
                    .body(StringBody("{\"code\":\"" + CODE + "\"}"))
                    .check(status().is(200))
                    .check(jsonPath("$.voter.token").saveAs("token"))
                    .check(jsonPath("$.polls[?(@.id=='" + POLL + "')].options[*].id").findRandom().saveAs("choice")))
                    .exitHereIfFailed();

    private final ChainBuilder vote =
            exec(session -> session.set("key", UUID.randomUUID().toString()))
                    .exec(http("vote")
                            .post("/v1/polls/" + POLL + "/votes")
                            .header("Authorization", "Bearer #{token}")
                            .header("Idempotency-Key", "#{key}")
                            .body(StringBody("{\"choices\":[\"#{choice}\"]}"))
                            .check(status().is(200))
                            .check(jsonPath("$.status").is("counted")));

    private final ChainBuilder look =
            exec(http("results").get("/v1/polls/" + POLL + "/results").check(status().is(200)));

    private final ScenarioBuilder person = scenario("person").exec(join, vote, look);

    public TallycastSimulation() {
        setUp(person.injectOpen(constantUsersPerSec(PEOPLE_A_SECOND).during(Duration.ofSeconds(SECONDS))))
                .protocols(http.baseUrl(URL).contentTypeHeader("application/json").shareConnections())
                .assertions(global().failedRequests().count().is(0L));
    }
}
