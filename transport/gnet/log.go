package gnet

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/panjf2000/gnet/v2/pkg/logging"
)

// Logger returns a logger for gnet.WithLogger that writes to a slog.Logger, nil for slog.Default; without one gnet writes to the
// standard output. What gnet calls information and warnings is for its developers: they tell of every start, and of events for
// connections that were closed a moment ago. So they are logged for debugging. gnet has one logger for the whole process: the
// one that was given last.
func Logger(to *slog.Logger) logging.Logger {
	if to == nil {
		to = slog.Default()
	}
	return logger{to}
}

type logger struct{ to *slog.Logger }

func (l logger) log(level slog.Level, format string, args []any) {
	if ctx := context.Background(); l.to.Enabled(ctx, level) {
		l.to.Log(ctx, level, "gnet: "+fmt.Sprintf(format, args...))
	}
}

// Debugf implements logging.Logger of gnet, as do the following methods.
func (l logger) Debugf(format string, args ...any) { l.log(slog.LevelDebug, format, args) }
func (l logger) Infof(format string, args ...any)  { l.log(slog.LevelDebug, format, args) }
func (l logger) Warnf(format string, args ...any)  { l.log(slog.LevelDebug, format, args) }
func (l logger) Errorf(format string, args ...any) { l.log(slog.LevelError, format, args) }
func (l logger) Fatalf(format string, args ...any) { l.log(slog.LevelError, format, args) }
