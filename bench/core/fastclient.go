package main

import (
	"io"
	"net"
	"slices"
	"time"
)

// fastClient sends a small frame, waits for it to come back, and does so again
// a millisecond later.
type fastClient struct {
	quit, done chan struct{}
	took       []float64 // us
	err        error

	p50, p99, worst float64
}

func startFast(port string) *fastClient {
	f := &fastClient{quit: make(chan struct{}), done: make(chan struct{})}
	go f.run(port)
	return f
}

func (f *fastClient) run(port string) {
	defer close(f.done)
	conn, err := net.Dial("tcp", "127.0.0.1:"+port)
	if err != nil {
		f.err = err
		return
	}
	defer conn.Close()
	frame := append([]byte{0, 0, 0, 60}, make([]byte, 60)...)
	room := make([]byte, len(frame))
	for {
		start := time.Now()
		conn.SetDeadline(start.Add(slowTimeout))
		if _, f.err = conn.Write(frame); f.err != nil {
			return
		}
		if _, f.err = io.ReadFull(conn, room); f.err != nil {
			return
		}
		f.took = append(f.took, float64(time.Since(start).Nanoseconds())/1e3)
		select {
		case <-f.quit:
			return
		case <-time.After(time.Millisecond):
		}
	}
}

// stop ends the client and says how long it had to wait.
func (f *fastClient) stop() *fastClient {
	close(f.quit)
	<-f.done
	slices.Sort(f.took)
	if n := len(f.took); n > 0 {
		f.p50, f.p99, f.worst = f.took[n/2], f.took[n*99/100], f.took[n-1]
	}
	return f
}
