package websocket

import (
	crypto "crypto/rand"
	"encoding/binary"
	"math/rand/v2"

	"github.com/ropewalk/ropewalk/channel"
)

// shared is what the connections of a loop share.
type shared struct {
	keys      *rand.ChaCha8
	inflater  *inflater
	deflaters []*deflater
	sweeper   sweeper
}

var perLoop = channel.NewLocal(func(*channel.Loop) *shared { return new(shared) })

// newKey returns a fresh key, which a peer cannot predict from those before: RFC 6455 section 5.3 wants that, so that nobody
// can choose what the bytes on the wire look like to a proxy.
func (l *shared) newKey() (key [4]byte) {
	if l.keys == nil {
		var seed [32]byte
		crypto.Read(seed[:])
		l.keys = rand.NewChaCha8(seed)
	}
	binary.LittleEndian.PutUint32(key[:], uint32(l.keys.Uint64()))
	return key
}
