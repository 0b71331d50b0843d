package static

import "testing"

// BenchmarkServe is a request for a small file that is open, and one for a file that the client has already: parsing, answering
// and the calls of this package, but no socket.
func BenchmarkServe(b *testing.B) {
	for name, request := range map[string]string{
		"1KiB":        request("GET", "/dir/small.html"),
		"NotModified": request("GET", "/dir/small.html", "If-Modified-Since: "+dayText),
	} {
		b.Run(name, func(b *testing.B) {
			s := newSite(b, Options{}, map[string]string{"dir/small.html": digits(1 << 10)})
			s.pipe.Conn.Wire.Discard()
			s.pipe.Feed(request)
			b.ReportAllocs()
			for b.Loop() {
				c := s.pipe.Conn
				c.Received(s.pipe.Loop.Received(request))
				c.ReceivedEnd()
				s.pipe.Loop.Loop.Turn()
			}
		})
	}
}
