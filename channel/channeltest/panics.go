package channeltest

import (
	"context"
	"log/slog"
)

// panicLog is where a loop reports panics.
type panicLog struct{ records []panicked }

type panicked struct{ value, stack string }

// Panics returns the values of the panics that the loop has recovered since the last call. Those that a test does not
// ask about fail it.
func (l *Loop) Panics() []string {
	var all []string
	for _, r := range l.log.records {
		all = append(all, r.value)
	}
	l.log.records = nil
	return all
}

func (p *panicLog) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelError }
func (p *panicLog) WithAttrs([]slog.Attr) slog.Handler               { return p }
func (p *panicLog) WithGroup(string) slog.Handler                    { return p }

func (p *panicLog) Handle(_ context.Context, r slog.Record) error {
	var one panicked
	r.Attrs(func(a slog.Attr) bool {
		switch a.Key {
		case "value":
			one.value = a.Value.String()
		case "stack":
			one.stack = a.Value.String()
		}
		return true
	})
	p.records = append(p.records, one)
	return nil
}
