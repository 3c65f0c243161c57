package distance

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/triggerfinder/triggerfinder/input"
)

// Traits are what depends on the kind of an input, see [Define]. What is not said is as it is for inputs of which nothing
// more is known.
type Traits struct {
	// Similarity tells how like a seed other inputs are, as SSIM does of images: searches and minimisation then aim at triggers
	// that are as like their seed as can be, see [MostAlike]. It returns nil for a seed that it does not take, such as a
	// tiny image. nil means none: the aim is the Euclidean distance.
	Similarity func(seed input.Input) Similarity
	// Measure is what texts call that similarity, such as "SSIM".
	Measure string

	// Grid is how the values lie: rows, columns and the channels of a place. Searches change blocks of it, since neighbours go
	// together. nil means one row, of one channel.
	Grid func(in input.Input) Grid

	// Coarse is what inputs have in common in the large, by which the nearest of many are found: as many numbers for every
	// input of a shape. nil means sums over every 4 values.
	Coarse func(in input.Input) []float32
	// Apart is how far apart two inputs are, from what Coarse says of them. nil means their Euclidean distance.
	Apart func(a, b []float32) float64
	// Outline estimates the similarity of blends, where measuring it takes longer. It returns nil for an input that it
	// does not take. nil means that it is measured.
	Outline func(in input.Input) Outline

	// Unordered says that values are names, as those of tokens are, of which none lies between two others. They are replaced,
	// one after the other, and never mixed, moved or scaled.
	Unordered bool
	// Moves are those of minimisation that fit. 0 means [AllMoves] or, of values that are Unordered, [PutBack].
	Moves Moves
}

// Similarity tells how like a seed inputs are. It is used by one goroutine at a time, and does not allocate once it
// was made.
type Similarity interface {
	// To is how like the seed the values of another input of its shape are: 1 for the seed itself, and less the less alike. For small
	// changes, what is lost should grow about as the square of a change, and not depend on the machine.
	To(data []float32) float64
}

// Weigher is an optional extension of [Similarity]: Weights sets dst to how much each value weighs. A change of that one alone
// by a small v makes the similarity less by about its weight times v*v.
type Weigher interface {
	Similarity
	Weights(dst []float32)
}

// Stepper is an optional extension of [Similarity] that measures inputs faster which differ little from another one than the seed, as those do
// that a search steps to from where it has come. From says which one that is: its values stay as they are until the next call, and nil means
// none. What To returns is the same to the last bit.
type Stepper interface {
	Similarity
	From(base []float32)
}

// SeenWeigher is an optional extension of [Weigher], for a similarity that says too little of some values, as SSIM does of the rim
// of an image: SeenWeights are the weights that people would give.
type SeenWeigher interface {
	Weigher
	SeenWeights(dst []float32)
}

// Outline estimates how like an input its blends with others of its kind are, well enough to rank them.
type Outline interface {
	// Blends compares the input with its blends with another one: the function returned estimates the similarity of the input
	// and (1-t) times it plus t times the other. It is nil where the two cannot be blended. Of one Outline it is called
	// by one goroutine at a time; the other one is only read.
	Blends(other Outline) func(t float64) float64
}

// Moves are ways to make a trigger smaller; see package minimize.
type Moves uint8

// The moves of minimisation.
const (
	PutBack Moves = 1 << iota // blocks of values become the seed's again
	Scale                     // changes become smaller, all of them or those of a block
	EvenOut                   // changes become alike within a block, which takes out noise

	AllMoves = PutBack | Scale | EvenOut
)

// kinds are the traits of the kinds that are defined, in a map that is replaced and never changed.
var (
	kinds    atomic.Pointer[map[input.Kind]Traits]
	defining sync.Mutex
)

// Define says what depends on a kind of one's own. Call it at the start of a program, in an init function or in TestMain: a
// search that has begun goes on with what it knew. A kind is defined once; those of package input are defined here.
func Define(kind input.Kind, traits Traits) error {
	name, err := input.ParseKind(string(kind))
	switch {
	case kind == input.Other || err == nil && name == input.Other:
		return fmt.Errorf("distance: Define: expected the name of a kind, found %q, which stands for inputs of which nothing more is known", input.Other)
	case err != nil:
		return fmt.Errorf("distance: Define: %w", err)
	}
	if err := traits.validate(); err != nil {
		return fmt.Errorf("distance: Define: kind %s: %w", kind, err)
	}
	defining.Lock()
	defer defining.Unlock()
	known := map[input.Kind]Traits{}
	if k := kinds.Load(); k != nil {
		known = maps.Clone(*k)
	}
	if _, ok := known[kind]; ok {
		return fmt.Errorf("distance: Define: kind %s: it is defined already; expected each kind once", kind)
	}
	known[kind] = traits
	kinds.Store(&known)
	return nil
}

func (t Traits) validate() error {
	says := t.Similarity != nil || t.Grid != nil || t.Coarse != nil || t.Apart != nil || t.Outline != nil || t.Unordered || t.Moves != 0
	switch {
	case !says:
		return fmt.Errorf("expected traits that say something, found none")
	case (t.Similarity == nil) != (t.Measure == ""):
		return fmt.Errorf("expected Similarity and Measure, its name, both or neither, found one of the two")
	case t.Similarity == nil && t.Outline != nil:
		return fmt.Errorf("expected no Outline without a Similarity, which it estimates")
	case t.Apart != nil && t.Coarse == nil:
		return fmt.Errorf("expected no Apart without Coarse, whose numbers it compares")
	case t.Moves&^AllMoves != 0:
		return fmt.Errorf("expected Moves made of PutBack, Scale and EvenOut, found %#x", uint8(t.Moves))
	case t.Unordered && t.Moves&^PutBack != 0:
		return fmt.Errorf("expected no Moves but PutBack of values that are Unordered")
	}
	return nil
}

// Defined are the kinds that are defined, in the order of their names.
func Defined() []input.Kind {
	return slices.Sorted(maps.Keys(*kinds.Load()))
}

// TraitsOf are the traits of an input: those of its kind. Of a set of which several parts are searched they are what all of
// these have in common: there is no similarity and no grid, values are unordered where those of any part are, and the moves are those
// that fit all parts.
func TraitsOf(in input.Input) Traits {
	if in.Layout == nil || in.Kind != input.Other {
		return ofKind(in.Kind)
	}
	together := ofKind(in.Kind)
	for _, part := range in.Layout.Parts {
		if !part.Fixed {
			of := ofKind(part.Kind)
			together.Unordered = together.Unordered || of.Unordered
			together.Moves &= of.Moves
		}
	}
	if together.Moves == 0 {
		together.Moves = PutBack
	}
	return together
}

// ofKind are the traits of a kind, with the moves that fit.
func ofKind(kind input.Kind) Traits {
	traits := (*kinds.Load())[kind]
	switch {
	case traits.Unordered:
		traits.Moves = PutBack
	case traits.Moves == 0:
		traits.Moves = AllMoves
	}
	return traits
}

// MeasureOf is what texts call the similarity of an input's kind, such as "SSIM"; "" where it has none.
func MeasureOf(in input.Input) string { return TraitsOf(in).Measure }

// Check tells what is wrong with an input for the traits of its kind: a grid of another number of values than it has, or a
// similarity that does not find it like itself.
func Check(in input.Input) error {
	traits := TraitsOf(in)
	if traits.Similarity != nil && in.Kind != input.Image {
		if s := traits.Similarity(in); s != nil {
			if own := s.To(in.Data); !(math.Abs(own-1) < 1e-6) {
				return fmt.Errorf("kind %s: expected a similarity (%s) of 1 of an input to itself, found %g", in.Kind, traits.Measure, own)
			}
		}
	}
	if traits.Grid == nil {
		return nil
	}
	if g := traits.Grid(in); !g.holds(in) {
		return fmt.Errorf("kind %s: expected a grid of the %d values of shape %v, found %d rows x %d columns x %d channels",
			in.Kind, len(in.Data), in.Shape, g.Height, g.Width, g.Channels)
	}
	return nil
}

// BlendOf writes the place t of the way between two inputs of the kind of in: it is [input.Blend], or [input.Replace] for values
// that are Unordered.
func BlendOf(in input.Input) func(dst, from, to input.Input, t float64) {
	if TraitsOf(in).Unordered {
		return input.Replace
	}
	return input.Blend
}

// CoarseOf is what the input has in common with others in the large, see [Traits]; Apart compares two of these.
func CoarseOf(in input.Input) []float32 {
	if of := TraitsOf(in).Coarse; of != nil {
		return of(in)
	}
	return coarseBlocks(in.Data, Grid{1, len(in.Data), 1})
}

// ApartBy is how far apart inputs of a shape and kind are, from what [CoarseOf] says of them: in a function, so that the kind is
// looked up once. What has another length is infinitely far.
func ApartBy(in input.Input) func(a, b []float32) float64 {
	apart := TraitsOf(in).Apart
	return func(a, b []float32) float64 {
		if len(a) != len(b) {
			return math.Inf(1)
		}
		if apart != nil {
			return apart(a, b)
		}
		var sum float32
		for i, v := range a {
			d := v - b[i]
			sum += d * d
		}
		return math.Sqrt(float64(sum))
	}
}

// OutlineOf is the outline of an input; nil where its kind has none.
func OutlineOf(in input.Input) Outline {
	if of := TraitsOf(in).Outline; of != nil {
		return of(in)
	}
	return nil
}

// OutlineOfPacked is the outline of a packed input, which it goes on using where it can, so that many outlines take little memory.
func OutlineOfPacked(p input.Packed) Outline {
	room, _ := unpacked.Get().(*[]float32)
	if room == nil {
		room = new([]float32)
	}
	in := p.UnpackInto(*room)
	o := OutlineOf(in)
	if image, ok := o.(*imageOutline); ok && image != nil {
		image.pixels, image.here = p, nil
		if p.Size() == p.Len() { // of bytes
			*room = in.Data
			unpacked.Put(room)
		}
	}
	return o
}

// unpacked lends room to unpack an input in.
var unpacked sync.Pool

// coarse is the side of the blocks of which what inputs have in common in the large is made.
const coarse = 4

// coarseBlocks sums values in blocks of a grid, over the channels too.
func coarseBlocks(data []float32, g Grid) []float32 {
	across := (g.Width + coarse - 1) / coarse
	sums := make([]float32, across*((g.Height+coarse-1)/coarse))
	for y := range g.Height {
		row := data[y*g.Width*g.Channels : (y+1)*g.Width*g.Channels]
		for x := range g.Width {
			block := &sums[y/coarse*across+x/coarse]
			for c := range g.Channels {
				*block += row[x*g.Channels+c]
			}
		}
	}
	return sums
}
