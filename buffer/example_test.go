package buffer_test

import (
	"fmt"
	"strings"

	"github.com/ropewalk/ropewalk/buffer"
)

// A frame is its length, and then its payload. The length goes into the headroom once it is known: nothing moves.
func Example_frame() {
	pool := new(buffer.Pool)
	b := pool.Alloc(64)
	b.PutUint8(7) // type
	b.PutUvarint(300)
	b.PutString("hello")

	n := b.Len()
	copy(b.Prepend(4), []byte{0, 0, 0, byte(n)})

	fmt.Print(b.Dump())
	fmt.Println(b.Segments(), "piece")
	b.Release()
	fmt.Println(pool.Live(), "live")
	// Output:
	// 00000000  00 00 00 08 07 ac 02 68  65 6c 6c 6f              |.......hello|
	// 1 piece
	// 0 live
}

// A Reader reads a whole header, and asks once whether that went well.
func ExampleReader() {
	pool := new(buffer.Pool)
	b := pool.Alloc(64)
	defer b.Release()
	b.PutUint16(1)
	b.PutUint32(5)
	b.PutString("hello and more")

	r := buffer.NewReader(b)
	defer r.Close()
	version := r.Uint16()
	body := r.Take(r.Length32(1 << 20))
	if err := r.Err(); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(version, body.Text(0, body.Len()))
	body.Release()
	// Output: 1 hello
}

// A length that a peer made up is refused before anything is allocated for it.
func ExampleReader_Length32() {
	pool := new(buffer.Pool)
	b := pool.Alloc(64)
	defer b.Release()
	b.PutUint16(1)
	b.PutUint32(4_000_000_000)

	r := buffer.NewReader(b)
	defer r.Close()
	r.Uint16()
	body := r.Take(r.Length32(1 << 20))
	fmt.Println(body == nil, r.Err())
	// Output: true length of 4000000000 at byte 2 of the message: more than the maximum of 1048576
}

// When input ends too early, Need tells how much there must be for another attempt.
func ExampleReader_Need() {
	pool := new(buffer.Pool)
	b := pool.Alloc(64)
	defer b.Release()
	b.PutUint32(1000)
	b.PutString("the first few bytes")

	r := buffer.NewReader(b)
	defer r.Close()
	r.Take(r.Length32(1 << 20))
	fmt.Println(r.Err(), r.Need())
	// Output: buffer: short input 1004
}

// Slice and Split make further owners of the same bytes. Parts that lie side by side become one piece again when they are
// joined.
func ExampleBuf_Append() {
	pool := new(buffer.Pool)
	b := pool.Alloc(64)
	b.PutString("hello, world")

	world := b.Slice(7, 12)
	hello := b.Split(7)
	fmt.Println(hello.Text(0, 5), b.Text(0, 5), world.Text(0, 5))

	hello.Append(b) // b is consumed
	fmt.Println(hello, pool.Copied(), "bytes copied")

	hello.Release()
	fmt.Println(world.Text(0, 5)) // still there
	world.Release()
	// Output:
	// hello world world
	// Buf(12 bytes in 1 piece: "hello, world") 0 bytes copied
	// world
}

// Wrap makes a buffer of memory that somebody else allocated, and tells when nobody uses it any more.
func ExampleWrap() {
	pool := new(buffer.Pool)
	page := []byte("<html>" + strings.Repeat(".", 1000) + "</html>")
	body := buffer.Wrap(pool, page, func() { fmt.Println("the page is free") })

	head := pool.Alloc(64)
	head.PutString("Content-Length: ")
	head.PutDecimal(int64(body.Len()))
	head.PutString("\r\n\r\n")
	head.Append(body)

	fmt.Printf("%q and so on in %d pieces\n", head.Text(0, 28), head.Segments())
	head.Release()
	// Output:
	// "Content-Length: 1013\r\n\r\n<htm" and so on in 2 pieces
	// the page is free
}

// An event loop makes its buffers through a Cache, and sends them through a Queue.
func ExampleQueue() {
	pool := new(buffer.Pool)
	loop := pool.NewCache()
	var out buffer.Queue
	for _, s := range []string{"one ", "two ", "three"} {
		b := loop.Alloc(16)
		b.PutString(s)
		out.Push(loop, b)
	}
	fmt.Printf("%d bytes: %q\n", out.Len(), out.Vectors(nil, 16, 1<<20))
	out.Advance(6) // as many as writev took
	fmt.Printf("%d bytes: %q\n", out.Len(), out.Vectors(nil, 16, 1<<20))
	out.Clear()
	loop.Close()
	fmt.Println(pool.Live(), "live")
	// Output:
	// 13 bytes: ["one " "two " "three"]
	// 7 bytes: ["o " "three"]
	// 0 live
}

// Index finds what lies across pieces.
func ExampleBuf_Index() {
	pool := new(buffer.Pool)
	b := pool.Alloc(0)
	defer b.Release()
	b.PutString("GET / HTTP/1.1\r")
	b.Append(buffer.Wrap(pool, []byte("\nHost: example.org\r\n\r\n"), nil))
	fmt.Println(b.Index([]byte("\r\n"), 0), b.Index([]byte("\r\n\r\n"), 0), b.LastIndexByte(':'))
	// Output: 14 33 20
}
