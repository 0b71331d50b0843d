package metrics

import (
	"bytes"
	"fmt"
	"net/http"
)

// Handler returns a handler that answers with the text of [buffer.Stats.String] for each published pool, by name. With the query
// pool=NAME it is about that one, and the status 404 if there is none. It looks at nothing else of the URL, so it may be
// mounted anywhere; /debug/buffers is customary. Only GET and HEAD are allowed.
func Handler() http.Handler { return http.HandlerFunc(serve) }

func serve(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "only GET and HEAD are allowed", http.StatusMethodNotAllowed)
		return
	}
	query := r.URL.Query()
	one, only := query.Get("pool"), query.Has("pool")
	var text bytes.Buffer
	for _, n := range published.all() {
		if only && n.name != one {
			continue
		}
		if text.Len() > 0 {
			text.WriteByte('\n')
		}
		fmt.Fprintf(&text, "pool %s\n\n%s", n.name, n.pool.Stats())
	}
	if text.Len() == 0 {
		if only {
			http.Error(w, "no pool of that name is published", http.StatusNotFound)
			return
		}
		text.WriteString("no pool is published\n")
	}
	head := w.Header()
	head.Set("Content-Type", "text/plain; charset=utf-8")
	head.Set("X-Content-Type-Options", "nosniff") // names come from the program; a browser must not find HTML in them
	head.Set("Cache-Control", "no-store")
	w.Write(text.Bytes()) // if it fails, the client has gone
}
