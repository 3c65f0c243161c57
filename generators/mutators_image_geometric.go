package generators

import (
	"math"
	"math/rand/v2"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/internal/exact"
)

// What the geometric operators do at severity 1.
const (
	mostTranslation = 0.25        // of the image's sides
	mostRotation    = math.Pi / 4 // radians; sine and cosine go no further
	mostScale       = 1.5         // times the size
	leastScale      = 0.6
	mostShear       = 0.6 // pixels a pixel
)

// Translation returns the operator "translation": the image is moved in the direction of its stream, by
// up to 0.25 of its sides at severity 1 and by fractions of pixels. What comes in from outside is the
// image's edge, repeated: black on a black ground, and no seam in a photo. It needs an image.
func Translation(severity Span) (input.SeverityMutator, error) {
	return newCorruption("translation", severity, anyImage, func(to []float64, im raster, severity float64, rng *rand.Rand) {
		x, y := direction(rng)
		distance := mostTranslation * severity
		warp(to, im, affine{
			xx: 1, x0: float64(distance * x * float64(im.width)),
			yy: 1, y0: float64(distance * y * float64(im.height)),
		})
	})
}

// Rotation returns the operator "rotation": the image is turned about its centre, by up to 45 degrees at
// severity 1, to the side that its stream has. Corners that come in from outside are the image's
// edge, repeated. It needs an image.
func Rotation(severity Span) (input.SeverityMutator, error) {
	return newCorruption("rotation", severity, anyImage, func(to []float64, im raster, severity float64, rng *rand.Rand) {
		warp(to, im, turned(sign(rng)*mostRotation*severity).about(im))
	})
}

// Scale returns the operator "scale": the image is enlarged about its centre, up to 1.5 times at severity
// 1, or made smaller, down to 0.6 times, as its stream has it. What comes in from outside is the
// image's edge, repeated. Shape and number of pixels stay. It needs an image.
func Scale(severity Span) (input.SeverityMutator, error) {
	return newCorruption("scale", severity, anyImage, func(to []float64, im raster, severity float64, rng *rand.Rand) {
		factor := mix(1, mostScale, severity)
		if heads(rng) {
			factor = mix(1, leastScale, severity)
		}
		warp(to, im, affine{xx: 1 / factor, yy: 1 / factor}.about(im))
	})
}

// Shear returns the operator "shear": the rows of the image are moved against each other, or its columns,
// to the side that its stream has, by up to 0.6 pixels a pixel at severity 1 (31 degrees). The centre stays.
// What comes in from outside is the image's edge, repeated. It needs an image.
func Shear(severity Span) (input.SeverityMutator, error) {
	return newCorruption("shear", severity, anyImage, func(to []float64, im raster, severity float64, rng *rand.Rand) {
		a := affine{xx: 1, yy: 1}
		slope := sign(rng) * mostShear * severity
		if heads(rng) {
			a.xy = slope
		} else {
			a.yx = slope
		}
		warp(to, im, a.about(im))
	})
}

// affine tells where the pixel at x, y of an image comes from: xx*x + xy*y + x0, yx*x + yy*y + y0.
type affine struct{ xx, xy, x0, yx, yy, y0 float64 }

// turned is the rotation by an angle in -Pi/4..Pi/4 about the pixel 0, 0: clockwise, as y points down.
func turned(angle float64) affine {
	s, c := exact.Sine(angle), exact.Cosine(angle)
	return affine{xx: c, xy: s, yx: -s, yy: c}
}

// about is the map with the centre of the image in the place of the pixel 0, 0.
func (a affine) about(im raster) affine {
	x, y := float64(im.width-1)/2, float64(im.height-1)/2
	a.x0 += x - float64(a.xx*x) - float64(a.xy*y)
	a.y0 += y - float64(a.yx*x) - float64(a.yy*y)
	return a
}

// warp moves the pixels of an image. Between pixels it interpolates linearly in both directions; outside
// it takes the nearest pixel.
func warp(to []float64, im raster, a affine) {
	right, bottom := float64(im.width-1), float64(im.height-1)
	at := 0
	for y := range im.height {
		startX := float64(a.xy*float64(y)) + a.x0
		startY := float64(a.yy*float64(y)) + a.y0
		for x := range im.width {
			fromX := min(max(float64(a.xx*float64(x))+startX, 0), right)
			fromY := min(max(float64(a.yx*float64(x))+startY, 0), bottom)
			left, top := int(fromX), int(fromY)
			dx, dy := fromX-float64(left), fromY-float64(top)
			upper, next := im.at(top, left), im.at(top, min(left+1, im.width-1))-im.at(top, left)
			lower := im.at(min(top+1, im.height-1), left)
			for c := range im.channels {
				above := mix(float64(im.data[upper+c]), float64(im.data[upper+next+c]), dx)
				below := mix(float64(im.data[lower+c]), float64(im.data[lower+next+c]), dx)
				to[at] = mix(above, below, dy)
				at++
			}
		}
	}
}
