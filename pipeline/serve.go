package pipeline

// Serve returns a last stage that calls f for every message, on the channel's loop. f owns the message. What it writes
// travels towards the wire; an error that it returns closes the channel.
//
// If f panics, the channel is closed and the loop goes on. A message that is a *buffer.Buf, or was decoded around one,
// is then released, unless f had released it or passed it on. So an f that stores a message for later does so last.
func Serve[In, W any](f func(*Ctx[W], In) error) Stage { return &serve[In, W]{f: f} }

type serve[In, W any] struct {
	Context[None, W]
	f func(*Ctx[W], In) error
}

func (s *serve[In, W]) Read(m In) error { return s.f(&s.Context, m) }

func (s *serve[In, W]) String() string { return "Serve" }
