package generators

import (
	"fmt"

	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/input"
)

// need is what inputs an operator takes, by their kind.
type need int

const (
	order       need = iota // values of which some lie between others: of every kind but such as tokens
	light                   // values that are light: an image, or an input of which nothing more is known
	anyImage                // an image
	colourImage             // an image of three channels
)

// met reports whether the input is one.
func (n need) met(in input.Input) bool {
	switch n {
	case order:
		return !distance.TraitsOf(in).Unordered
	case light:
		if in.Kind != input.Image {
			return in.Kind == input.Other && !distance.TraitsOf(in).Unordered
		}
	}
	im, ok := rasterOf(in)
	return ok && (n != colourImage || im.channels == 3)
}

// check tells why an operator of that name does not take the input.
func (n need) check(operator string, in input.Input) error {
	if n.met(in) {
		return nil
	}
	switch n {
	case order:
		return fmt.Errorf("%s: expected values that have an order, found %s", operator, in)
	case light:
		if in.Kind != input.Image {
			return fmt.Errorf("%s: expected an image, or an input of which nothing more is known, found %s", operator, in)
		}
	case colourImage:
		return fmt.Errorf("%s: expected a colour image, shape [height width 3], found %s", operator, in)
	}
	return fmt.Errorf("%s: expected an image, shape [height width channels] or [height width], found %s", operator, in)
}

// keepDomains moves what an operator wrote into dst into the domains of the values, where these differ.
func keepDomains(dst, src input.Input) {
	if !src.Uniform() {
		for i, v := range dst.Data[:len(src.Data)] {
			dst.Data[i] = src.DomainAt(i).Snap(v)
		}
	}
}
