package table

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"

	"github.com/triggerfinder/triggerfinder/generators/internal/severity"
	"github.com/triggerfinder/triggerfinder/input"
)

// operator is a mutation operator on rows.
type operator struct {
	name string
	// columns are those that it may change, by name; nil for all.
	columns []string
	// fits tells which columns it can change at all.
	fits func(in input.Input, i int) bool
	// of is what such columns are called in errors.
	of string
	// change writes the mutant into w.dst, which is the row itself, at a severity above 0.
	change func(w *work, severity float64)
}

var (
	_ input.SeverityMutator = (*operator)(nil)
	_ input.InputSupporter  = (*operator)(nil)
)

// work is one mutant in the making.
type work struct {
	dst, src input.Input
	columns  []int // that may change
	pcg      *rand.PCG
	rng      *rand.Rand
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
	if !(severity > 0) || src.Kind != input.Row {
		return
	}
	w := works.Get().(*work)
	defer works.Put(w)
	w.dst, w.src, w.columns = dst, src, w.columns[:0]
	for i := range src.Data {
		if o.takes(src, i) {
			w.columns = append(w.columns, i)
		}
	}
	if len(w.columns) > 0 {
		w.pcg.Seed(stream, 0x7461626c65)
		o.change(w, min(severity, 1))
	}
	w.dst, w.src = input.Input{}, input.Input{}
}

func (o *operator) takes(in input.Input, i int) bool {
	return (o.columns == nil || slices.Contains(o.columns, in.ColumnAt(i).Name)) && (o.fits == nil || o.fits(in, i))
}

// Supports implements [input.InputSupporter].
func (o *operator) Supports(in input.Input) error {
	if in.Kind != input.Row {
		return fmt.Errorf("%s: expected a row of a table, found %s", o.name, in)
	}
	for _, name := range o.columns {
		if i := columnOf(in, name); i < 0 {
			return fmt.Errorf("%s: expected a row with a column %q, found %s", o.name, name, in)
		} else if !o.takes(in, i) {
			return fmt.Errorf("%s: column %q: expected %s", o.name, name, o.of)
		}
	}
	for i := range in.Data {
		if o.takes(in, i) {
			return nil
		}
	}
	return fmt.Errorf("%s: expected a row with %s, found none in %s", o.name, o.of, in)
}

// String implements [input.Mutator].
func (o *operator) String() string { return o.name }

func columnOf(in input.Input, name string) int {
	for i := range in.Data {
		if in.ColumnAt(i).Name == name {
			return i
		}
	}
	return -1
}

// isNumber and isCategory are columns that operators fit.
func isNumber(in input.Input, i int) bool   { return !in.Categorical(i) }
func isCategory(in input.Input, i int) bool { return in.Categorical(i) }

// some calls fn for a share of the columns, at least one, in a random order of which a smaller share is the beginning.
func (w *work) some(share float64, fn func(i int)) {
	n := len(w.columns)
	at, stride := w.rng.IntN(n), 1
	if n > 2 {
		for stride = 1 + w.rng.IntN(n-1); divisor(stride, n) != 1; {
			stride = 1 + stride%(n-1)
		}
	}
	many := min(max(int(share*float64(n)+0.999999), 1), n)
	for range many {
		fn(w.columns[at])
		at = (at + stride) % n
	}
}

func divisor(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// set makes value i of the mutant v, as its domain has it.
func (w *work) set(i int, v float64) { w.dst.Data[i] = w.src.DomainAt(i).Snap(float32(v)) }

// anyValue draws from the domain of value i, another category where it is one.
func (w *work) anyValue(i int) float32 {
	d := w.src.DomainAt(i)
	if n := len(w.src.ColumnAt(i).Categories); n > 1 {
		was := int((w.src.Data[i]-d.Min)/d.Step + 0.5)
		return d.Snap(d.Min + d.Step*float32((was+1+w.rng.IntN(n-1))%n))
	}
	return d.Snap(d.Min + d.Range()*w.rng.Float32())
}
