// Command chat is a server of chat rooms over WebSocket, with a page to use them:
//
//	go run ./examples/chat -addr 127.0.0.1:8081
//
//	/                            the page
//	/chat?room=NAME&name=WHO     a WebSocket: messages of JSON, see event
//
// Rooms come into being when somebody enters, and end with the last one who leaves. What is said in a room is encoded once, as
// one frame whose bytes all members share, on whatever loops they are:
//
//	member ── {"text":"hi"} ──► room: number, history ──► shard of a loop ──► member, member, ...
//	                                            Prepared └► shard of a loop ──► member, ...
//
// Nobody waits for anybody. A member that does not take what is said has it queued up to -backlog bytes; then it is out: it gets
// no more, the others are told that it left, and its connection is closed with the code 1013, behind what it had been sent
// before. All that a client can cause is bounded: the number of rooms and of members, the length of a message, how
// fast they may come, and the history that a newcomer gets.
//
// SIGTERM or ctrl-C lets connections finish, then stops the server.
package main

import (
	"context"
	"flag"
	"log"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/ropewalk/ropewalk/examples/internal/engines"
	"github.com/ropewalk/ropewalk/transport"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8081", "address to listen on; port 0 is any port")
	loops := flag.Int("loops", 0, "number of event loops; 0 is one per processor")
	limits := defaults
	flag.IntVar(&limits.history, "history", limits.history, "events that a newcomer is told")
	flag.IntVar(&limits.backlog, "backlog", limits.backlog, "bytes that may wait for a member before it is out")
	choice := engines.Flag()
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	server := transport.Server{
		Addr:         *addr,
		Engine:       choice.Engine,
		Loops:        *loops,
		Accept:       newChat(limits).accept(),
		FlushTimeout: 5 * time.Second, // for those who are out and still do not read
	}
	if err := server.ListenAndServe(ctx); err != nil {
		log.Fatal(err)
	}
}
