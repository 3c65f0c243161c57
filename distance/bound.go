package distance

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/internal/vec"
)

// Bound keeps candidates near their seed.
type Bound interface {
	// Around is the bound around one seed. An error tells why the seed cannot be searched within
	// it, and makes it an unusable seed.
	Around(seed input.Input) (Region, error)
	// String describes the bound, such as "LInf 8".
	String() string
}

// Region is a [Bound] around one seed. It is used by one goroutine at a time.
type Region interface {
	// Project moves candidate, which has the shape and domain of the seed, in place, to a near
	// point that lies within the region and in the domain. It leaves a candidate alone that does
	// already.
	Project(candidate input.Input)
	// Contains reports whether the candidate lies within the region.
	Contains(candidate input.Input) bool
}

// LInf bounds the largest change of any one element, in the input's own units (of 255 for 8-bit
// images), the same number for each. Categories have no sizes of changes: they stay what they are. Values that are Unordered, such as
// tokens, have no such bound; see [L0].
func LInf(most float32) Bound { return linfBound(most) }

// L2 bounds the Euclidean distance, in the input's own units. Candidates beyond are blended with their
// seed. Categories stay what they are. Values that are Unordered, such as tokens, have no such bound; see [L0].
func L2(most float64) Bound { return l2Bound(most) }

// L0 bounds the number of elements that differ; a pixel of a colour image has three. Of candidates
// beyond, the largest changes are kept: by the share of their range where columns differ in that. Another category, or another token, is as
// large a change as any.
func L0(most int) Bound { return l0Bound(most) }

// SSIMAtLeast bounds how unlike the seed an image may look, by [SSIM]: 1 allows nothing but the
// seed. Candidates beyond are blended with their seed.
func SSIMAtLeast(least float64) Bound { return ssimBound(least) }

// AllOf is the bound of all of the bounds at once, at least one.
func AllOf(bounds ...Bound) Bound { return allOf(bounds) }

// ParseBound is the bound that a command line asks for: linf=8, l2=300, l0=20 or ssim=0.9, or several of them
// separated by commas, which hold all at once.
func ParseBound(s string) (Bound, error) {
	var bounds allOf
	seen := map[string]bool{}
	for part := range strings.SplitSeq(s, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		if seen[name] {
			return nil, fmt.Errorf("distance: ParseBound: %q has %s twice; expected it once", s, name)
		}
		seen[name] = true
		bound, err := parseBound(name, value)
		if err != nil {
			return nil, fmt.Errorf("distance: ParseBound: %q: %w", part, err)
		}
		bounds = append(bounds, bound)
	}
	if len(bounds) == 1 {
		return bounds[0], nil
	}
	return bounds, nil
}

func parseBound(name, value string) (Bound, error) {
	if name == "l0" {
		most, err := strconv.Atoi(value)
		if err != nil {
			return nil, fmt.Errorf("expected a whole number, found %q", value)
		}
		return l0Bound(most), l0Bound(most).validate()
	}
	number, err := strconv.ParseFloat(value, 64)
	switch {
	case name != "linf" && name != "l2" && name != "ssim":
		return nil, fmt.Errorf("expected linf=, l2=, l0= or ssim= and a number, found %q", name)
	case err != nil:
		return nil, fmt.Errorf("expected a number, found %q", value)
	case name == "linf":
		return linfBound(number), linfBound(number).validate()
	case name == "l2":
		return l2Bound(number), l2Bound(number).validate()
	}
	return ssimBound(number), ssimBound(number).validate()
}

type linfBound float32

func (b linfBound) String() string { return fmt.Sprintf("LInf %g", float32(b)) }

func (b linfBound) validate() error { return atLeastZero("LInf", float64(b)) }

func (b linfBound) Around(seed input.Input) (Region, error) {
	if err := errors.Join(b.validate(), needsOrder("LInf", seed)); err != nil {
		return nil, fmt.Errorf("distance: %w", err)
	}
	r := linfRegion{
		seed: seed, most: float64(b), low: make([]float32, len(seed.Data)), high: make([]float32, len(seed.Data)), latest: &projected{},
	}
	if whole := float32(int32(b)); seed.Domain == input.Bytes && seed.Uniform() && !seed.HasCategories() && float32(b) == whole { // as for nearly all: no step is rounded
		for i, s := range seed.Data {
			r.low[i], r.high[i] = max(s-whole, input.Bytes.Min), min(s+whole, input.Bytes.Max)
		}
		return r, nil
	}
	for i, s := range seed.Data {
		d := seed.DomainAt(i)
		if seed.Categorical(i) {
			r.low[i], r.high[i] = s, s
			continue
		}
		r.low[i] = r.inside(s, s-float32(b), d)
		r.high[i] = r.inside(s, s+float32(b), d)
	}
	return r, nil
}

func atLeastZero(name string, most float64) error {
	if !(most >= 0) || math.IsInf(most, 1) {
		return fmt.Errorf("%s: most is %g; expected a finite number of at least 0", name, most)
	}
	return nil
}

// needsOrder refuses a bound on sizes of changes for values that have none.
// fitting says which bounds there are for an input that is no image.
func fitting(seed input.Input) string {
	if needsOrder("", seed) != nil {
		return "L0 bounds how many values differ"
	}
	return "LInf and L2 bound how far values move, L0 how many of them"
}

func needsOrder(name string, seed input.Input) error {
	names := seed.HasCategories()
	for i := 0; names && i < len(seed.Data); i++ {
		names = seed.Categorical(i)
	}
	if names || TraitsOf(seed).Unordered {
		return fmt.Errorf("%s: expected values that have an order, found %s, which are replaced and not moved: L0 bounds how many of them differ", name, seed)
	}
	return nil
}

type linfRegion struct {
	seed      input.Input
	most      float64
	low, high []float32 // the least and the greatest value of each element
	latest    *projected
}

// projected is a candidate as it was left, by its hash: it need not be projected again, which strategies and the search do in turn.
type projected struct {
	hash  uint64
	known bool
}

func (p *projected) is(candidate input.Input) bool {
	return p.known && vec.Hash(candidate.Data) == p.hash
}

func (p *projected) keep(candidate input.Input) {
	p.hash, p.known = vec.Hash(candidate.Data), true
}

// inside is v, a value at the bound, moved into the domain and within the bound: rounding may step out of
// it, that of v itself and that to the domain's step.
func (r linfRegion) inside(s, v float32, d input.Domain) float32 {
	v = d.Snap(v)
	if r.near(s, v) {
		return v
	}
	switch {
	case d.Step <= 0:
		v = math.Nextafter32(v, s)
	case v > s:
		v = d.Snap(v - d.Step)
	default:
		v = d.Snap(v + d.Step)
	}
	if r.near(s, v) {
		return v
	}
	return s
}

func (r linfRegion) near(s, v float32) bool { return math.Abs(float64(s)-float64(v)) <= r.most }

// Ends implements [Box].
func (r linfRegion) Ends() (low, high []float32) { return r.low, r.high }

func (r linfRegion) Project(candidate input.Input) {
	if candidate.Domain == input.Bytes && r.seed.Uniform() { // sooner done than hashed
		vec.ClampBytes(candidate.Data, r.low, r.high)
		return
	}
	if r.latest.is(candidate) {
		return
	}
	if !r.seed.Uniform() {
		for i, v := range candidate.Data {
			candidate.Data[i] = min(max(r.seed.DomainAt(i).Snap(v), r.low[i]), r.high[i])
		}
		r.latest.keep(candidate)
		return
	}
	d := candidate.Domain
	whole := d.Whole()
	low, high := r.low[:len(candidate.Data)], r.high[:len(candidate.Data)]
	for i, v := range candidate.Data {
		if whole && v >= low[i] && v <= high[i] && v == float32(int32(v)) {
			continue // nearly all are
		}
		v = d.Snap(v) // also what is no number
		if v < low[i] {
			v = low[i]
		} else if v > high[i] {
			v = high[i]
		}
		candidate.Data[i] = v
	}
	r.latest.keep(candidate)
}

func (r linfRegion) Contains(candidate input.Input) bool {
	return len(candidate.Data) == len(r.seed.Data) && largestChange(r.seed.Data, candidate.Data) <= r.most && sameCategories(r.seed, candidate.Data)
}

// sameCategories reports whether all categories are those of the seed.
func sameCategories(seed input.Input, data []float32) bool {
	if !seed.HasCategories() {
		return true
	}
	for i, v := range seed.Data {
		if data[i] != v && seed.Categorical(i) {
			return false
		}
	}
	return true
}

type l2Bound float64

func (b l2Bound) String() string { return fmt.Sprintf("L2 %g", float64(b)) }

func (b l2Bound) validate() error { return atLeastZero("L2", float64(b)) }

func (b l2Bound) Around(seed input.Input) (Region, error) {
	if err := errors.Join(b.validate(), needsOrder("L2", seed)); err != nil {
		return nil, fmt.Errorf("distance: %w", err)
	}
	return newBlend(seed, float64(b), func(data []float32) (float64, bool) {
		size := euclidean(seed.Data, data)
		return size, size <= float64(b) && sameCategories(seed, data)
	}), nil
}

type ssimBound float64

func (b ssimBound) String() string { return fmt.Sprintf("SSIM >= %g", float64(b)) }

func (b ssimBound) validate() error {
	if !(b >= -1 && b <= 1) {
		return fmt.Errorf("SSIMAtLeast: least is %g; expected a number from -1 to 1", float64(b))
	}
	return nil
}

func (b ssimBound) Around(seed input.Input) (Region, error) {
	if err := b.validate(); err != nil {
		return nil, fmt.Errorf("distance: %w", err)
	}
	s := newSSIM(seed)
	if s == nil {
		return nil, fmt.Errorf("distance: SSIMAtLeast: seed is not comparable by SSIM; expected an image of at least 3x3, found %s; %s", seed, fitting(seed))
	}
	// For small changes, what is lost grows as the square of the change.
	size := func(similarity float64) (float64, bool) {
		return math.Sqrt(max(1-similarity, 0)), similarity >= float64(b)
	}
	r := newBlend(seed, math.Sqrt(1-float64(b)), func(data []float32) (float64, bool) { return size(s.To(data)) })
	line := &ssimLine{s: s}
	r.end = func(data []float32) (float64, bool) { return size(s.follow(data, line)) }
	r.estimate = func(share float64) float64 {
		estimate, _ := size(line.at(share))
		return estimate
	}
	return r, nil
}

// blend is the region of a bound on a size of the whole change. It goes from a candidate beyond towards
// the seed, in a straight line but for the steps of the domain, until it is inside.
type blend struct {
	seed input.Input
	most float64
	// size measures a change: about in proportion to it, 0 for the seed. It also says whether the
	// bound holds, which decides.
	size func(data []float32) (float64, bool)
	// end is size for the candidate as it was. After it, estimate tells about which size a share of its change has; it is
	// nil where the size is in proportion.
	end      func(data []float32) (float64, bool)
	estimate func(share float64) float64
	far      []float32 // the candidate as it was
	latest   projected
	walk     walk
}

func newBlend(seed input.Input, most float64, size func([]float32) (float64, bool)) *blend {
	return &blend{seed: seed, most: most, size: size, end: size, far: make([]float32, len(seed.Data)), walk: newWalk(len(seed.Data))}
}

func (r *blend) Contains(candidate input.Input) bool {
	if len(candidate.Data) != len(r.seed.Data) {
		return false
	}
	_, inside := r.size(candidate.Data)
	return inside
}

const (
	// blendAim is the share of the bound that a blend aims at, and blendEnough the one that it is
	// content with. Every attempt costs a measurement.
	blendAim      = 0.99
	blendEnough   = 0.95
	blendAttempts = 8
	// blendParts is how many attempts are made to let part of the elements go farther than others.
	blendParts = 5
)

func (r *blend) Project(candidate input.Input) {
	if r.latest.is(candidate) {
		return
	}
	r.project(candidate)
	r.latest.keep(candidate)
}

func (r *blend) project(candidate input.Input) {
	candidate.Snap()
	if r.seed.HasCategories() { // none is nearer than another
		for i, v := range r.seed.Data {
			if r.seed.Categorical(i) {
				candidate.Data[i] = v
			}
		}
	}
	size, inside := r.end(candidate.Data)
	if inside {
		return
	}
	copy(r.far, candidate.Data)
	near, beyond := 0.0, 1.0 // shares of the change: inside, outside
	at := r.first(size)
	for range blendAttempts {
		if !(at > near && at < beyond) {
			at = (near + beyond) / 2
		}
		r.take(candidate, at)
		if size, inside = r.size(candidate.Data); !inside {
			beyond = at
		} else if near = at; size >= blendEnough*r.most {
			return
		}
		at *= blendAim * r.most / size
	}
	// When many elements take their next step at the same share, none of them can. Part of them may.
	few, many := 0, len(r.far)
	for range blendParts {
		part := (few + many) / 2
		r.mix(candidate, near, beyond, part)
		if size, inside = r.size(candidate.Data); !inside {
			many = part
			continue
		}
		if few = part; size >= blendEnough*r.most {
			return
		}
	}
	r.mix(candidate, near, beyond, few)
}

// first is the share of a change at which it should have the size aimed at, from its whole size.
func (r *blend) first(size float64) float64 {
	aim := blendAim * r.most
	at := aim / size
	if r.estimate == nil {
		return at
	}
	const attempts, exact = 8, 0.005
	low, high := 0.0, 1.0
	for range attempts {
		if !(at > low && at < high) {
			at = (low + high) / 2
		}
		estimate := r.estimate(at)
		switch {
		case math.Abs(estimate-aim) <= exact*aim:
			return at
		case estimate > aim:
			high = at
		default:
			low = at
		}
		at *= aim / estimate
	}
	return at
}

// take sets the candidate to one share of the change.
func (r *blend) take(candidate input.Input, share float64) {
	if share == 0 {
		copy(candidate.Data, r.seed.Data)
		return
	}
	for i := range r.far {
		candidate.Data[i] = r.at(i, share)
	}
}

// mix sets part of the elements to the share beyond, and the others to the share near.
func (r *blend) mix(candidate input.Input, near, beyond float64, part int) {
	r.take(candidate, near)
	i := r.walk.start(r.far)
	for range part {
		candidate.Data[i] = r.at(i, beyond)
		i = r.walk.next(i)
	}
}

// at is element i at a share of its change.
func (r *blend) at(i int, share float64) float32 {
	s, v := r.seed.Data[i], r.far[i]
	if v == s {
		return v
	}
	return r.seed.DomainAt(i).Snap(float32(float64(s) + float64(share*(float64(v)-float64(s)))))
}

// walk is an order of n elements in which neighbours lie far apart.
type walk struct{ n, stride int }

func newWalk(n int) walk {
	stride := max(int(0.618*float64(n)), 1)
	for gcd(stride, n) > 1 {
		stride--
	}
	return walk{n: n, stride: stride}
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// start is the first element of the walk. It depends on the data, so that where several changes are
// equally good, the same elements are not preferred over and over.
func (w walk) start(data []float32) int {
	var h uint64
	for _, v := range data {
		h = (h ^ uint64(math.Float32bits(v))) * 0x9e3779b97f4a7c15 // mixes upwards: the high half is the good one
	}
	return int(h >> 32 * uint64(w.n) >> 32)
}

func (w walk) next(i int) int {
	if i += w.stride; i >= w.n {
		i -= w.n
	}
	return i
}

type l0Bound int

func (b l0Bound) String() string { return fmt.Sprintf("L0 %d", int(b)) }

func (b l0Bound) validate() error {
	if b < 0 {
		return fmt.Errorf("L0: most is %d; expected at least 0", int(b))
	}
	return nil
}

func (b l0Bound) Around(seed input.Input) (Region, error) {
	if err := b.validate(); err != nil {
		return nil, fmt.Errorf("distance: %w", err)
	}
	r := l0Region{seed: seed, most: int(b), walk: newWalk(len(seed.Data)), names: TraitsOf(seed).Unordered}
	r.plain = !r.names && seed.Uniform() && !seed.HasCategories()
	return r, nil
}

type l0Region struct {
	seed  input.Input
	most  int
	walk  walk
	names bool // no change is larger than another
	plain bool // changes are as large as the numbers say
}

// size orders changes of value i by size.
func (r l0Region) size(i int, v float32) uint32 {
	s := r.seed.Data[i]
	switch {
	case r.plain || v == s:
		return changeBits(s, v)
	case r.names || r.seed.Categorical(i):
		return changeBits(0, 1)
	}
	return changeBits(0, (v-s)/r.seed.DomainAt(i).Range())
}

func (r l0Region) Contains(candidate input.Input) bool {
	return len(candidate.Data) == len(r.seed.Data) && changes(r.seed.Data, candidate.Data) <= r.most
}

func (r l0Region) Project(candidate input.Input) {
	candidate.Snap()
	if r.Contains(candidate) {
		return
	}
	if r.names {
		r.putBackHeld(candidate)
	}
	least, equal := r.smallestKept(candidate.Data)
	i := r.walk.start(candidate.Data)
	for range r.seed.Data {
		s := r.seed.Data[i]
		switch size := r.size(i, candidate.Data[i]); {
		case size > least:
		case size == least && equal > 0:
			equal--
		case candidate.Data[i] != s:
			candidate.Data[i] = s
		}
		i = r.walk.next(i)
	}
}

// changeBits orders changes by size.
func changeBits(s, v float32) uint32 {
	return math.Float32bits(v-s) &^ (1 << 31)
}

// putBackHeld puts tokens back that are not replaced but moved, as padding and special ones are by what is inserted or deleted before them: of
// such a change no part alone is a text.
func (r l0Region) putBackHeld(candidate input.Input) {
	for i, s := range r.seed.Data {
		if candidate.Data[i] != s && (r.seed.Held(i) || candidate.Held(i)) {
			candidate.Data[i] = s
		}
	}
}

// smallestKept is the size of the smallest change among the largest ones that may be kept, and how many
// changes of that size there are among them. It sorts by one byte at a time, the highest first.
func (r l0Region) smallestKept(data []float32) (size uint32, equal int) {
	left := r.most
	var known uint32 // which bits of size are known
	for shift := 24; shift >= 0; shift -= 8 {
		var counts [256]int
		for i := range r.seed.Data {
			if bits := r.size(i, data[i]); bits&known == size {
				counts[bits>>shift&255]++
			}
		}
		digit := 255
		for digit > 0 && counts[digit] < left {
			left -= counts[digit]
			digit--
		}
		size |= uint32(digit) << shift
		known |= 255 << shift
	}
	return size, left
}

type allOf []Bound

func (b allOf) String() string {
	names := make([]string, len(b))
	for i, bound := range b {
		names[i] = fmt.Sprint(bound)
	}
	return strings.Join(names, ", ")
}

func (b allOf) validate() error {
	if len(b) == 0 {
		return errors.New("AllOf: no bounds; expected at least one")
	}
	for i, bound := range b {
		if bound == nil {
			return fmt.Errorf("AllOf: bound %d is nil; expected a bound", i)
		}
	}
	return nil
}

func (b allOf) Around(seed input.Input) (Region, error) {
	if err := b.validate(); err != nil {
		return nil, fmt.Errorf("distance: %w", err)
	}
	region := allOfRegion{seed: seed, regions: make([]Region, len(b))}
	for i, bound := range b {
		var err error
		if region.regions[i], err = bound.Around(seed); err != nil {
			return nil, err
		}
		if region.regions[i] == nil {
			return nil, fmt.Errorf("distance: AllOf: bound %d (%s): expected a region around the seed, found none", i, bound)
		}
	}
	return region.asBox(b)
}

type allOfRegion struct {
	seed    input.Input
	regions []Region
}

func (r allOfRegion) Contains(candidate input.Input) bool {
	for _, region := range r.regions {
		if !region.Contains(candidate) {
			return false
		}
	}
	return true
}

// Project takes the regions in turn. Those of this package only ever move elements towards the seed, which
// no other bound minds but that on SSIM, and that one rarely: a second round is seldom needed.
func (r allOfRegion) Project(candidate input.Input) {
	for range 4 {
		for _, region := range r.regions {
			region.Project(candidate)
		}
		if r.Contains(candidate) {
			return
		}
	}
	copy(candidate.Data, r.seed.Data)
}
