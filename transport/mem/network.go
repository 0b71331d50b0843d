package mem

import (
	"context"
	"net"
	"sync"
	"time"
)

// A Network is a set of addresses that connections can be made between. The zero value is ready to use; fields are set before
// the first use and not changed afterwards. Its methods may be called by any goroutine.
type Network struct {
	// Latency is how long everything that one side sends takes to arrive: bytes, the end of a stream, a reset. It is that of one
	// direction, so a question and its answer take twice as long, and so does Dial. Zero means that it is there at once.
	Latency time.Duration
	// Buffer is the size of one socket buffer in bytes. As on a real network each direction passes through two of them, that
	// of the writer and that of the reader, so it takes twice as much until its writer has to wait; what is on its way counts. Zero
	// means 64 KiB. Connections of an engine may have other sizes, see engine.SocketOptions.
	Buffer int
	// Backlog is how many connections may wait at a listener until they are accepted. The next ones wait in Dial. Zero means
	// 4096, negative means none: then no Dial returns before its context ends.
	Backlog int

	mu        sync.Mutex
	listening map[place][]*queue
	port      uint16 // the latest that was given out
	number    int    // the latest of a nameless address
	chunks    chunkList
}

// Default is the network of an Engine that was given none: the loopback interface of the process, so to speak. Tests that run at
// the same time and use fixed addresses have a Network each.
var Default = new(Network)

const (
	defaultBuffer  = 64 << 10
	defaultBacklog = 4096
)

// sized returns the size of a socket buffer that was asked for, 0 if none was.
func (n *Network) sized(asked int) int {
	if asked > 0 {
		return asked
	}
	if n.Buffer > 0 {
		return n.Buffer
	}
	return defaultBuffer
}

func (n *Network) backlog() int {
	switch {
	case n.Backlog == 0:
		return defaultBacklog
	case n.Backlog < 0:
		return 0
	}
	return n.Backlog
}

// Dial connects to a listener of the network, that of an engine or a plain one, and returns our side as a plain connection, which
// is a *Conn. Networks and addresses are those of engine.DialConfig; see the package comment for how they are
// understood. Without a listener it fails with syscall.ECONNREFUSED.
func (n *Network) Dial(network, address string) (net.Conn, error) {
	return n.DialContext(context.Background(), network, address)
}

// DialContext is Dial that fails with the error of ctx when that ends first. It fits http.Transport.DialContext.
func (n *Network) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	l, err := n.connect(ctx, network, address, buffers{})
	if err != nil {
		return nil, err
	}
	return newConn(l, dialing), nil
}

// Listen starts to listen at an address of the network. The result is a *Listener, and the connections that it accepts are of
// type *Conn. It fails with syscall.EADDRINUSE if somebody listens there already.
func (n *Network) Listen(network, address string) (net.Listener, error) {
	q, err := n.listen(network, address, buffers{})
	if err != nil {
		return nil, err
	}
	return newListener(q), nil
}

// buffers are the sizes that one side asks for its socket buffers, 0 for none.
type buffers struct{ send, receive int }

// listen enters a queue at an address.
func (n *Network) listen(network, address string, theirs buffers) (*queue, error) {
	at, err := resolve(network, address, true)
	if err != nil {
		return nil, opError("listen", network, nil, err)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if at.needsPort() {
		at.port = n.freePort(at)
	} else if at.needsName() {
		at.name = n.nameless()
	}
	for _, other := range n.listening[at.place()] {
		if at.overlaps(other.at) {
			return nil, opError("listen", network, at.addr(), inUse)
		}
	}
	q := &queue{network: n, at: at, theirs: theirs, backlog: n.backlog(), closed: make(chan struct{})}
	if n.listening == nil {
		n.listening = make(map[place][]*queue)
	}
	n.listening[at.place()] = append(n.listening[at.place()], q)
	return q, nil
}

// remove takes a queue from its address.
func (n *Network) remove(q *queue) {
	n.mu.Lock()
	defer n.mu.Unlock()
	all := n.listening[q.at.place()]
	for i, other := range all {
		if other == q {
			all = append(all[:i:i], all[i+1:]...)
		}
	}
	if len(all) == 0 {
		delete(n.listening, q.at.place())
	} else {
		n.listening[q.at.place()] = all
	}
}

// find returns who listens at an address, nil if nobody does: the one for exactly this address before one for all.
func (n *Network) find(to endpoint) *queue {
	n.mu.Lock()
	defer n.mu.Unlock()
	var found *queue
	for _, q := range n.listening[to.place()] {
		switch {
		case q.at.ip == to.ip:
			return q
		case q.at.overlaps(to):
			found = q
		}
	}
	return found
}

// from returns an address for the dialing side.
func (n *Network) from(to endpoint) endpoint {
	n.mu.Lock()
	defer n.mu.Unlock()
	switch to.family {
	case familyTCP:
		to.port = n.freePort(to)
	case familyUnix:
		to.name = ""
	default:
		to.name = n.nameless()
	}
	return to
}
