package matchers_test

import (
	"context"
	"errors"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/fixtures/shades"
	. "github.com/triggerfinder/triggerfinder/matchers"
)

// hurried is a test with little time left.
type hurried struct {
	*testing.T
	deadline time.Time
}

func (h hurried) Deadline() (time.Time, bool) { return h.deadline, true }

func TestInterruptibleEndsBeforeTheTimeOfTheTest(t *testing.T) {
	g := NewWithT(t)
	deadline := time.Now().Add(2 * time.Second)
	pair := shades.SlowPair("agreeing", 300, 301, 5*time.Millisecond)
	_, err := HaveDeviationFrom(seeds(4)).WithBudget(engine.Budget{QueriesPerSeed: 1 << 20}).WithoutSaving().
		WithContext(Interruptible(hurried{t, deadline})).Match(pair)
	g.Expect(err).To(MatchError(ContainSubstring("nothing found until then: the time that -timeout gives is nearly over")))
	g.Expect(time.Now()).To(BeTemporally("<", deadline), "there is time left for writing")
}

func TestInterruptibleEndsWithTheTest(t *testing.T) {
	g := NewWithT(t)
	var ctx context.Context
	t.Run("inner", func(t *testing.T) {
		ctx = Interruptible(t)
		g.Expect(ctx.Err()).NotTo(HaveOccurred())
	})
	g.Expect(ctx.Err()).To(HaveOccurred())
	g.Expect(errors.Is(context.Cause(ctx), ErrInterrupted)).To(BeFalse())
}
