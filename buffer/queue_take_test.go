package buffer_test

import (
	"math/rand/v2"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/buffer/buffertest"
)

// What is taken from a queue and what is left are together what was in it, however it is cut; the bytes stay where they are.
func TestQueueTake(t *testing.T) {
	pool := buffertest.Pool(t)
	c := pool.NewCache()
	r := rand.New(rand.NewPCG(3, 5))
	for round := range 500 {
		var q, taken buffer.Queue
		var want, got []byte
		for range 1 + r.IntN(5) {
			b := c.Alloc(400)
			for range 1 + r.IntN(400) {
				b.PutUint8(byte(len(want)))
				want = append(want, byte(len(want)))
			}
			if r.IntN(3) == 0 { // of two pieces, and neighbours
				q.Push(c, b.Split(b.Len()/2))
			}
			if r.IntN(3) == 0 {
				o := c.Alloc(300)
				o.PutZero(280)
				want = append(want, make([]byte, 280)...)
				b.Append(o)
			}
			q.Push(c, b)
		}
		size := q.Len()
		for n := 0; n < size; {
			m := r.IntN(min(size-n, 300) + 1)
			places := places(&q, m)
			before := taken.Len()
			q.Take(c, m, &taken)
			if q.Len() != size-n-m || taken.Len() != before+m {
				t.Fatalf("round %d: %d bytes left and %d taken, want %d and %d", round, q.Len(), taken.Len(), size-n-m, before+m)
			}
			if before == 0 && m > 0 && places != nil {
				if p, _ := taken.First(); &p[0] != places {
					t.Fatalf("round %d: the bytes have moved", round)
				}
			}
			for b := taken.Pop(); b != nil; b = taken.Pop() {
				got = append(got, b.Bytes()...)
				b.Release()
			}
			n += m
		}
		if string(got) != string(want) {
			t.Fatalf("round %d: other bytes than were queued", round)
		}
		q.Clear()
	}
	c.Close()
}

// places returns where the first of n bytes lies.
func places(q *buffer.Queue, n int) *byte {
	if n == 0 {
		return nil
	}
	p, _ := q.First()
	return &p[0]
}

// More than there is cannot be taken.
func TestQueueTakeBeyond(t *testing.T) {
	pool := buffertest.Pool(t)
	c := pool.NewCache()
	var q, to buffer.Queue
	for _, n := range []int{-1, 1} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("Take(%d) of an empty queue did not panic", n)
				}
			}()
			q.Take(c, n, &to)
		}()
	}
	c.Close()
}
