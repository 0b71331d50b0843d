package main

// A row is an allocator that runs what needs more than one buffer at a time.
type row struct {
	name     string
	window   func(slots int, plan []op) (loop func(n int), stop func() error)
	replay   func(p pattern) (fragments, error)
	handover func() *handover
}

func rowOf[H any](name string, open func() heap[H]) row {
	return row{
		name:     name,
		window:   func(slots int, plan []op) (func(int), func() error) { return windowLoop(open(), slots, plan) },
		replay:   func(p pattern) (fragments, error) { return drive(p, newReplayer(open(), p)) },
		handover: func() *handover { return newHandover(open()) },
	}
}

var rows = []row{
	rowOf("Cache", openCache),
	rowOf("Pool", openPool),
	rowOf("sync.Pool 2^n", openPow2),
	rowOf("mcache", openMcache),
	rowOf("bytebufferpool", openByteBuffers),
	rowOf("make", openMake),
}
