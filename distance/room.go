package distance

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/triggerfinder/triggerfinder/input"
)

// This file finds bounds that hold the seed alone: a search within one asks for nothing but the seed, and would
// say "nothing found" of it.

// ErrNoRoom: nothing but the seed lies within the bound.
var ErrNoRoom = errors.New("bound leaves no room")

// Roomy is an optional extension of [Region]: one that knows by itself whether anything but its seed lies in it. Others are
// tried out.
type Roomy interface {
	Region
	HasRoom() bool
}

// CheckRoom is the error, [ErrNoRoom], for a bound's region around the seed in which no changed input was found. It names
// the smallest bound of that kind that is of use. Ends of a [Box] that cannot be are an error too. A search skips the seed with
// either.
func CheckRoom(bound Bound, region Region, seed input.Input) error {
	if _, _, err := EndsOf(region, seed); err != nil {
		return fmt.Errorf("bound %s: %w", bound, err)
	}
	if hasRoom(region, seed) {
		return nil
	}
	return fmt.Errorf("%w: no input but the seed lies within %s%s", ErrNoRoom, bound, narrow(bound, seed))
}

// hasRoom reports whether an input other than the seed lies in the region. Of regions that do not know by themselves it tries
// what the region itself makes of changed inputs, then changes of one value by one step: of all values, or of as
// many as can be tried in a moment.
func hasRoom(region Region, seed input.Input) bool {
	if r, ok := region.(Roomy); ok {
		return r.HasRoom()
	}
	return projectsElsewhere(region, seed) || singleFits(region, seed)
}

// projectsElsewhere reports whether a changed input, brought into the region, is another one than the seed.
func projectsElsewhere(region Region, seed input.Input) bool {
	candidate := seed.Clone()
	for _, change := range []func(d input.Domain, s float32) float32{farthest, besides} {
		for i, s := range seed.Data {
			candidate.Data[i] = change(seed.DomainAt(i), s)
		}
		region.Project(candidate)
		if !slices.Equal(candidate.Data, seed.Data) && region.Contains(candidate) {
			return true
		}
	}
	return false
}

// singleWork is about how many values are compared to find out whether single changes fit.
const singleWork = 1 << 26

// singleFits reports whether the seed with one value changed by a step lies in the region. It begins with the last
// value: in a corner of an image, a change counts least for [SSIM].
func singleFits(region Region, seed input.Input) bool {
	candidate, n := seed.Clone(), len(seed.Data)
	walk, i := newWalk(n), n-1
	for range min(n, max(singleWork/n, 64)) {
		for _, v := range seed.DomainAt(i).Beside(seed.Data[i]) {
			if v == seed.Data[i] {
				continue
			}
			candidate.Data[i] = v
			if region.Contains(candidate) {
				return true
			}
		}
		candidate.Data[i] = seed.Data[i]
		i = walk.next(i)
	}
	return false
}

// farthest is the end of the domain that is farther away.
func farthest(d input.Domain, s float32) float32 {
	if s-d.Min > d.Max-s {
		return d.Min
	}
	return d.Max
}

// besides is the value above, or the one below where there is none.
func besides(d input.Domain, s float32) float32 {
	around := d.Beside(s)
	if around[1] != s {
		return around[1]
	}
	return around[0]
}

// smallestChange is the size of the smallest change of one of the values.
func smallestChange(in input.Input) float64 {
	smallest, enough := math.Inf(1), math.Inf(1)
	for i := range in.Data {
		enough = min(enough, float64(in.DomainAt(i).Grain()))
		if in.Uniform() {
			break
		}
	}
	for i, s := range in.Data {
		for _, v := range in.DomainAt(i).Beside(s) {
			if v != s {
				smallest = min(smallest, math.Abs(float64(s)-float64(v)))
			}
		}
		if smallest <= enough {
			break
		}
	}
	return smallest
}

func (r linfRegion) HasRoom() bool { return smallestChange(r.seed) <= r.most }

func (r l0Region) HasRoom() bool { return r.most > 0 }

func (r *blend) HasRoom() bool {
	if r.estimate == nil { // L2
		return smallestChange(r.seed) <= r.most
	}
	return r.most > 0 && (singleFits(r, r.seed) || projectsElsewhere(r, r.seed))
}

func (r allOfRegion) HasRoom() bool {
	plain := true // whatever changes one value least lies within the others too
	for _, region := range r.regions {
		if !hasRoom(region, r.seed) {
			return false
		}
		switch region := region.(type) {
		case linfRegion, l0Region:
		case *blend:
			plain = plain && region.estimate == nil
		default:
			plain = false
		}
	}
	return plain || projectsElsewhere(r, r.seed) || singleFits(r, r.seed)
}

// narrow says why a bound leaves no room, and which would.
func narrow(bound Bound, seed input.Input) string {
	d, smallest := seed.Domain, above32(smallestChange(seed))
	units := fmt.Sprintf(". Bounds are in raw units of the input's domain, here %s", d)
	if !seed.Uniform() {
		units = fmt.Sprintf(". Bounds are in raw units of each value's own domain, here within %s", d)
	}
	switch b := bound.(type) {
	case linfBound:
		return units + fmt.Sprintf(": the smallest useful one is LInf %g%s", smallest, asShare("LInf", float32(b), d))
	case l2Bound:
		return units + fmt.Sprintf(": the smallest useful one is L2 %g%s", smallest, asShare("L2", float32(b), d))
	case l0Bound:
		return ". L0 counts values that differ: the smallest useful one is L0 1"
	case ssimBound:
		if b >= 1 {
			return ". SSIM is 1 for equal images alone: use less, such as SSIMAtLeast(0.99)"
		}
		return fmt.Sprintf(": a change of one value by the least, %g in the domain %s, makes it less: use less, such as SSIMAtLeast(0.99)", smallest, d)
	case allOf:
		for _, part := range b {
			if region, err := part.Around(seed); err == nil && !hasRoom(region, seed) {
				return fmt.Sprintf(", as none lies within %s%s", part, narrow(part, seed))
			}
		}
		return ", whose parts have nothing else in common" + units
	}
	return units
}

// asShare adds what a bound would be that was meant as a share of the range, as papers give it.
func asShare(name string, most float32, d input.Domain) string {
	if most <= 0 || most >= 1 || d.Range() <= 1 {
		return ""
	}
	return fmt.Sprintf("; %g of the range is %s %.4g", most, name, most*d.Range())
}

// above32 is v, or the next number above it that is short to write.
func above32(v float64) float32 {
	short := float32(v)
	if float64(short) < v {
		return math.Nextafter32(short, float32(math.Inf(1)))
	}
	return short
}
