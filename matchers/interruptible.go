package matchers

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

// Tested is the part of [testing.T] that [Interruptible] needs.
type Tested interface {
	Context() context.Context
	Deadline() (deadline time.Time, ok bool)
	Cleanup(func())
}

// What ended a context of [Interruptible], as messages of matchers tell it.
var (
	ErrInterrupted = errors.New("the process was told to stop")
	ErrTestTimeout = errors.New("the time that -timeout gives is nearly over")
)

// Interruptible is a context for WithContext that ends when the process is interrupted (Ctrl-C, SIGTERM), and shortly before the
// time that go test's -timeout gives is over:
//
//	g.Expect(pair).NotTo(HaveDeviationFrom(seeds).WithContext(Interruptible(t)))
//
// The search then keeps what it found, and its message says where that is and that it is partial. Otherwise an interruption ends the process at
// once, and -timeout by a panic: triggers that were saved until then are there, but no report and no message. The context t.Context() ends
// neither way. A second Ctrl-C ends the process; other tests that ask for such a context afterwards get one that is over.
//
// In Ginkgo, package specs has Tracked, which follows the spec's own context.
func Interruptible(t Tested) context.Context {
	ctx, cancel := context.WithCancelCause(t.Context())
	stop := context.AfterFunc(interruption(), func() { cancel(ErrInterrupted) })
	t.Cleanup(func() {
		stop()
		cancel(nil)
	})
	if interruption().Err() != nil {
		cancel(ErrInterrupted)
	}
	if deadline, ok := t.Deadline(); ok {
		left := time.Until(deadline)
		// What is left is for confirming, minimising and writing what was found.
		timer := time.AfterFunc(left-min(10*time.Second, left/5), func() { cancel(ErrTestTimeout) })
		t.Cleanup(func() { timer.Stop() })
	}
	return ctx
}

// interruption is over once the process was interrupted. From then on signals end the process, as they do without it.
var interruption = sync.OnceValue(func() context.Context {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx
})
