package generators

import (
	"math"
	"math/rand/v2"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/internal/vec"
)

// What the optical operators do at severity 1.
const (
	mostDefocus = 0.07 // radius, as a part of the image's shorter side
	mostMotion  = 0.3  // length, as a part of the image's shorter side
	leastHaze   = 0.35 // of the light is lost where the haze is thinnest
	mostHaze    = 0.85 // and where it is thickest
	airlight    = 0.85 // of the domain's range: the colour of the haze
)

// DefocusBlur returns the operator "defocus-blur": every pixel becomes a disc, as in a lens that is set
// to another distance, of a radius of up to 0.07 of the image's shorter side at severity 1. The disc's
// rim is smooth. Beyond the border the image is mirrored. There is no randomness beside the severity. It
// needs an image.
func DefocusBlur(severity Span) (input.SeverityMutator, error) {
	return newCorruption("defocus-blur", severity, anyImage, func(to []float64, im raster, severity float64, _ *rand.Rand) {
		k := disc(mostDefocus * severity * im.shorter())
		defer k.giveBack()
		k.filter(to, im)
	})
}

// MotionBlur returns the operator "motion-blur": every pixel becomes a straight line, as when the
// camera moves, in the direction of its stream and of a length of up to 0.3 of the image's shorter side at
// severity 1. Beyond the border the image is mirrored. It needs an image.
func MotionBlur(severity Span) (input.SeverityMutator, error) {
	return newCorruption("motion-blur", severity, anyImage, func(to []float64, im raster, severity float64, rng *rand.Rand) {
		x, y := direction(rng)
		longest := mostMotion * im.shorter()
		k := stroke(x, y, float64(longest*severity), 2*int(math.Ceil(longest))+1)
		defer k.giveBack()
		k.filter(to, im)
	})
}

// kernel is a square of weights around a pixel, row by row, whose sum is 1.
type kernel struct {
	reach   int // pixels on either side of the middle
	weights []float64
	buffer  *[]float64
}

func newKernel(reach int) kernel {
	side := 2*reach + 1
	buffer := reals.borrow(side * side)
	clear(*buffer)
	return kernel{reach, *buffer, buffer}
}

func (k kernel) giveBack() { reals.giveBack(k.buffer) }

// at is the index of the weight of the pixel at dy, dx from the middle.
func (k kernel) at(dy, dx int) int { return (dy+k.reach)*(2*k.reach+1) + dx + k.reach }

// disc is the kernel of a disc of equal weights that reaches one radius beyond the middle pixel.
// Weights fall from full to nothing over one pixel at the rim, so that radius 0 is the pixel alone and
// every weight grows gradually.
func disc(radius float64) kernel {
	k := newKernel(int(math.Ceil(radius)))
	sum := 0.0
	for dy := -k.reach; dy <= k.reach; dy++ {
		for dx := -k.reach; dx <= k.reach; dx++ {
			w := ramp(radius+1-math.Sqrt(float64(dy*dy+dx*dx)), 0, 1)
			k.weights[k.at(dy, dx)] = w
			sum += w
		}
	}
	for i := range k.weights {
		k.weights[i] /= sum
	}
	return k
}

// stroke is the kernel of a line through the middle in the direction x, y: as many points at even
// steps as asked for, each divided among the four pixels around it.
func stroke(x, y, length float64, points int) kernel {
	k := newKernel(int(length/2) + 2) // room for the next pixel, and for a direction longer than 1 by rounding
	weight := 1 / float64(points)
	for i := range points {
		along := float64((float64(i)/float64(points-1) - 0.5) * length)
		px, py := float64(along*x), float64(along*y)
		left, top := math.Floor(px), math.Floor(py)
		dx, dy := px-left, py-top
		at := k.at(int(top), int(left))
		below := at + 2*k.reach + 1
		k.weights[at] += float64(weight * (1 - dx) * (1 - dy))
		k.weights[below] += float64(weight * (1 - dx) * dy)
		k.weights[at+1] += float64(weight * dx * (1 - dy))
		k.weights[below+1] += float64(weight * dx * dy)
	}
	return k
}

// filter sets every value to the weighted mean of those around it.
func (k kernel) filter(to []float64, im raster) {
	line, border := im.width*im.channels, k.reach*im.channels
	padded := line + 2*border
	buffer := reals.borrow(im.height * padded)
	defer reals.giveBack(buffer)
	rows := *buffer
	for y := range im.height {
		row := rows[y*padded:][:padded]
		vec.Widen(row[border:border+line], im.data[y*line:][:line])
		reflectRow(row, k.reach, im.width, k.reach, im.channels)
	}
	clear(to)
	for y := range im.height {
		out := to[y*line:][:line]
		for dy := -k.reach; dy <= k.reach; dy++ {
			row := rowOf(rows, y+dy, im.height, padded)
			for dx := -k.reach; dx <= k.reach; dx++ {
				if w := k.weights[k.at(dy, dx)]; w > 0 {
					vec.AddScaled(out, w, row[(dx+k.reach)*im.channels:][:line])
				}
			}
		}
	}
}

// Haze returns the operator "haze": light is lost on its way and bright haze takes its place, thicker
// here and thinner there as its stream has it. At severity 1 between 0.35 and 0.85 of the light are lost;
// the haze's own brightness is 0.85 of the domain's range. It needs an image.
func Haze(severity Span) (input.SeverityMutator, error) {
	return newCorruption("haze", severity, anyImage, addHaze)
}

func addHaze(to []float64, im raster, severity float64, rng *rand.Rand) {
	lowest, span := im.scale()
	colour := lowest + float64(airlight*span)
	clouds := reals.borrow(im.height * im.width)
	defer reals.giveBack(clouds)
	drawClouds(*clouds, im.height, im.width, rng)
	for p, thickness := range *clouds {
		lost := float64(severity * mix(leastHaze, mostHaze, thickness))
		for i := p * im.channels; i < (p+1)*im.channels; i++ {
			to[i] = mix(float64(im.data[i]), colour, lost)
		}
	}
}

// drawClouds draws a fractal whose least value is 0 and whose greatest is 1: random values at the points of
// a lattice, smooth in between, and half as much at the points of one twice as fine, and so on.
func drawClouds(to []float64, height, width int, rng *rand.Rand) {
	const finest = 16 // cells along the longer side
	clear(to)
	var lattice [(finest + 1) * (finest + 1)]float64
	for cells, weight := 2, 1.0; cells <= finest; cells, weight = 2*cells, weight/2 {
		for i := range (cells + 1) * (cells + 1) {
			lattice[i] = float64(weight * rng.Float64())
		}
		perPixel := float64(cells) / float64(max(height, width))
		for y := range height {
			row, dy := cellOf(y, perPixel)
			for x := range width {
				column, dx := cellOf(x, perPixel)
				at := row*(cells+1) + column
				below := at + cells + 1
				to[y*width+x] += mix(mix(lattice[at], lattice[at+1], dx), mix(lattice[below], lattice[below+1], dx), dy)
			}
		}
	}
	least, greatest := to[0], to[0]
	for _, v := range to {
		least, greatest = min(least, v), max(greatest, v)
	}
	for i, v := range to {
		if greatest > least {
			v = (v - least) / (greatest - least)
		}
		to[i] = min(v, 1) // of a single pixel, too
	}
}

// cellOf is the cell of a lattice in which the middle of pixel i lies, and how far it lies in it: from 0
// to 1, slower at both ends so that no edges show.
func cellOf(i int, perPixel float64) (cell int, within float64) {
	position := float64((float64(i) + 0.5) * perPixel)
	cell = int(position)
	t := position - float64(cell)
	return cell, float64(t * t * (3 - 2*t))
}

// mostOcclusion is the side of the patch at severity 1, as a part of the image's shorter side.
const mostOcclusion = 0.5

// Occlusion returns the operator "occlusion": a square patch of one colour lies on the image. Its centre, in
// the middle half of the image, and its colour are its stream's; its side grows up to half of the image's
// shorter side at severity 1. Pixels at its border are covered in part. It needs an image.
func Occlusion(severity Span) (input.SeverityMutator, error) {
	return newCorruption("occlusion", severity, anyImage, occlude)
}

func occlude(to []float64, im raster, severity float64, rng *rand.Rand) {
	lowest, span := im.scale()
	half := float64(mostOcclusion * severity * im.shorter() / 2)
	centreY := float64(mix(0.25, 0.75, rng.Float64()) * float64(im.height))
	centreX := float64(mix(0.25, 0.75, rng.Float64()) * float64(im.width))
	vec.Widen(to, im.data)
	for c := range im.channels {
		colour := lowest + float64(span*rng.Float64())
		for y := range im.height {
			covered := overlap(y, centreY-half, centreY+half)
			if covered == 0 {
				continue
			}
			for x := range im.width {
				i := im.at(y, x) + c
				to[i] = mix(to[i], colour, float64(covered*overlap(x, centreX-half, centreX+half)))
			}
		}
	}
}

// overlap is the length of pixel i, which reaches from i to i+1, that lies between low and high.
func overlap(i int, low, high float64) float64 {
	return max(min(high, float64(i+1))-max(low, float64(i)), 0)
}
