package tokens

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sync"

	"github.com/triggerfinder/triggerfinder/generators/internal/severity"
	"github.com/triggerfinder/triggerfinder/input"
)

// operator is a mutation operator on texts.
type operator struct {
	name string
	// most is the share of the text that changes at severity 1.
	most float64
	// resizes says that the text becomes longer or shorter.
	resizes bool
	// pads says that it needs padding.
	pads bool
	// takes tells which tokens it can change; nil for all that are not held.
	takes func(token float32) bool
	// change makes w.text another one; many of w.places are to change, at least one.
	change func(w *work, many int)
}

var (
	_ input.SeverityMutator = (*operator)(nil)
	_ input.InputSupporter  = (*operator)(nil)
)

// work is one mutant in the making.
type work struct {
	v      *input.Vocabulary
	text   []float32 // without padding
	other  []float32 // scratch
	places []int     // of tokens that may change
	marked []bool    // of places of the text
	room   int       // the most tokens that fit
	pcg    *rand.PCG
	rng    *rand.Rand
	at     int
	stride int
}

// works lends out what a mutant needs, so that mutants allocate nothing once the pool is warm.
var works = sync.Pool{New: func() any {
	pcg := rand.NewPCG(0, 0)
	return &work{pcg: pcg, rng: rand.New(pcg)}
}}

// Mutate implements [input.Mutator].
func (o *operator) Mutate(dst, src input.Input, rng *rand.Rand) {
	severity.Mutate(o, dst, src, rng)
}

// MutateAt implements [input.SeverityMutator].
func (o *operator) MutateAt(dst, src input.Input, severity float64, stream uint64) {
	copy(dst.Data, src.Data)
	v := src.Vocabulary()
	if !(severity > 0) || v == nil || src.Kind != input.Tokens || o.check(src) != nil {
		return
	}
	w := works.Get().(*work)
	defer works.Put(w)
	first, end := v.Text(src.Data)
	w.v, w.text, w.room, w.places = v, append(w.text[:0], src.Data[first:end]...), len(src.Data), w.places[:0]
	for i, token := range w.text {
		if !v.Held(token) && (o.takes == nil || o.takes(token)) {
			w.places = append(w.places, i)
		}
	}
	if len(w.places) > 0 {
		w.pcg.Seed(stream, 0x746f6b656e73)
		w.shuffle()
		o.change(w, w.share(float64(min(severity, 1)*o.most)))
		w.write(dst.Data, first > 0 && end == len(src.Data), first)
	}
	w.v = nil
}

// share is how many places a share of them is, at least one.
func (w *work) share(of float64) int {
	return min(max(int(math.Ceil(of*float64(len(w.places))-1e-9)), 1), len(w.places))
}

// shuffle makes a random order of the places, of which a smaller share is the beginning.
func (w *work) shuffle() {
	n := len(w.places)
	w.at, w.stride = w.rng.IntN(n), 1
	if n > 2 {
		for w.stride = 1 + w.rng.IntN(n-1); divisor(w.stride, n) != 1; {
			w.stride = 1 + w.stride%(n-1)
		}
	}
}

// next is the next place of that order.
func (w *work) next() int {
	i := w.places[w.at]
	w.at = (w.at + w.stride) % len(w.places)
	return i
}

// mark marks so many places of the text, in that order.
func (w *work) mark(many int) {
	if cap(w.marked) < len(w.text) {
		w.marked = make([]bool, len(w.text)+len(w.text)/2)
	}
	w.marked = w.marked[:len(w.text)]
	clear(w.marked)
	for range many {
		w.marked[w.next()] = true
	}
}

func divisor(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// anyToken draws one that is not held, and is another one than was.
func (w *work) anyToken(was float32) float32 {
	for {
		if token := float32(w.rng.IntN(w.v.Size)); token != was && !w.v.Held(token) {
			return token
		}
	}
}

// write fills dst with the text where it was: at the end of dst where it was padded at the beginning.
func (w *work) write(dst []float32, left bool, first int) {
	if left {
		first = len(dst) - len(w.text)
	}
	first = min(first, len(dst)-len(w.text))
	for i := range dst {
		dst[i] = float32(w.v.Pad)
	}
	copy(dst[first:], w.text)
}

// Supports implements [input.InputSupporter].
func (o *operator) Supports(in input.Input) error {
	if in.Kind != input.Tokens {
		return fmt.Errorf("%s: expected tokens, found %s", o.name, in)
	}
	return o.check(in)
}

func (o *operator) check(in input.Input) error {
	v := in.Vocabulary()
	switch {
	case v == nil:
		return fmt.Errorf("%s: expected tokens with a vocabulary, found %s; see input.NewTokens", o.name, in)
	case o.resizes && v.KeepLength:
		return fmt.Errorf("%s: expected texts whose length may change, found some that keep theirs", o.name)
	case o.pads && v.Pad == input.Unpadded:
		return fmt.Errorf("%s: expected a vocabulary with padding, found none", o.name)
	}
	return nil
}

// String implements [input.Mutator].
func (o *operator) String() string { return o.name }
