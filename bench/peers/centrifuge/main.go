// The same text to every subscriber of one channel, so many times a second, by the library Centrifuge:
//
//	centrifuge <port> <bytes a message> <times a second>
//
// A connection that says {"id":1,"connect":{}} is subscribed. All of it runs on one processor, as its rivals do.
package main

import (
	"context"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/centrifugal/centrifuge"
)

const (
	channel   = "results"
	envelope  = len(`{"push":{"channel":"results","pub":{"data":""}}}`) + 4 // and the frame's own header
	pingEvery = 25 * time.Second
)

func main() {
	port, size, hz := number(1), number(2), number(3)
	runtime.GOMAXPROCS(1)
	node, err := centrifuge.New(centrifuge.Config{LogLevel: centrifuge.LogLevelNone})
	must(err)
	node.OnConnecting(func(context.Context, centrifuge.ConnectEvent) (centrifuge.ConnectReply, error) {
		return centrifuge.ConnectReply{
			Credentials:   &centrifuge.Credentials{},
			Subscriptions: map[string]centrifuge.SubscribeOptions{channel: {}},
		}, nil
	})
	must(node.Run())
	if hz > 0 {
		go publish(node, size, time.Second/time.Duration(hz))
	}
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	must(err)
	// Receivers count what comes and answer no ping of the application's; nobody is cut off for it.
	must(http.Serve(listener, centrifuge.NewWebsocketHandler(node, centrifuge.WebsocketConfig{
		PingPongConfig: centrifuge.PingPongConfig{PingInterval: pingEvery, PongTimeout: -1},
	})))
}

func publish(node *centrifuge.Node, size int, pause time.Duration) {
	data := []byte(strconv.Quote(strings.Repeat("x", size-envelope)))
	for range time.Tick(pause) {
		_, err := node.Publish(channel, data)
		must(err)
	}
}

func number(at int) int {
	value, err := strconv.Atoi(os.Args[at])
	must(err)
	return value
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
