package mem

import (
	"sync/atomic"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
)

// A pool asks the caches of its loops now and then to give back what they do not need, see buffer.Cache.OnTrim. It may do so from
// outside of the bubble of testing/synctest that the loop is in, where nobody may wake the loop. So an idle loop looks by
// itself, a few times, whether it was asked.
type trimming struct {
	asked atomic.Bool
	looks int // since the loop had something to do
	look  bool
}

const (
	firstLook = 2 * buffer.DefaultTrimAfter // doubled with each
	maxLooks  = 6
)

func (t *trimming) init(c *buffer.Cache) { c.OnTrim(func() { t.asked.Store(true) }) }

// patience shortens a wait to the time of the next look.
func (t *trimming) patience(d time.Duration) time.Duration {
	look := firstLook << t.looks
	if t.look = t.looks < maxLooks && (d < 0 || look < d); t.look {
		return look
	}
	return d
}

// attend is called after each wait, with whether the whole of patience has passed.
func (t *trimming) attend(c *buffer.Cache, passed bool) {
	if t.look && passed {
		t.looks++
	} else {
		t.looks = 0
	}
	if t.asked.Load() && t.asked.Swap(false) {
		c.Trim()
	}
}
