package pixels

import "math"

// Filter is a way to scale images. Each is antialiased: where an image becomes smaller, the filter grows by as much.
type Filter int

// The filters.
const (
	Bilinear Filter = iota // the default of torchvision's Resize
	Bicubic                // Catmull-Rom, a = -0.5
)

// String is the name that Pillow has for the filter.
func (f Filter) String() string {
	if f == Bicubic {
		return "bicubic"
	}
	return "bilinear"
}

// support is how far the filter reaches, and weight its value there.
func (f Filter) support() float64 {
	if f == Bicubic {
		return 2
	}
	return 1
}

func (f Filter) weight(x float64) float64 {
	x = math.Abs(x)
	switch {
	case f == Bilinear && x < 1:
		return 1 - x
	case f == Bicubic && x < 1:
		return float64(float64((1.5*x-2.5)*x)*x) + 1
	case f == Bicubic && x < 2:
		return float64(float64(float64(-0.5*x+2.5)*x-4)*x) + 2
	}
	return 0
}

// Resample scales an image to height x width, to the last grey level as Pillow's Image.resize does, and with it torchvision's Resize
// of a PIL image: columns first, then rows, with weights of 22 bits behind the point, rounded in between.
func Resample(im Image, height, width int, filter Filter) Image {
	if width != im.Width {
		im = resampleRows(im, width, filter)
	}
	if height != im.Height {
		im = transposed(resampleRows(transposed(im), height, filter))
	}
	return im
}

// taps are the pixels that a new one is made of.
type taps struct {
	first   int
	weights []int64
}

const weightBits = 22

// tapsOf are those of all new pixels along one side.
func tapsOf(from, to int, filter Filter) []taps {
	scale := float64(from) / float64(to)
	grown := max(scale, 1)
	support := filter.support() * grown
	list := make([]taps, to)
	for i := range list {
		centre := (float64(i) + 0.5) * scale
		first := max(int(centre-support+0.5), 0)
		end := min(int(centre+support+0.5), from)
		weights, sum := make([]float64, end-first), 0.0
		for k := range weights {
			weights[k] = filter.weight((float64(k+first) - centre + 0.5) * (1 / grown))
			sum += weights[k]
		}
		list[i] = taps{first, make([]int64, len(weights))}
		for k, w := range weights {
			if sum != 0 {
				w *= 1 / sum
			}
			list[i].weights[k] = int64(float64(w*(1<<weightBits)) + math.Copysign(0.5, w))
		}
	}
	return list
}

// resampleRows scales each row.
func resampleRows(im Image, width int, filter Filter) Image {
	all, c := tapsOf(im.Width, width, filter), im.Channels
	out := Image{Height: im.Height, Width: width, Channels: c, Data: make([]float32, im.Height*width*c)}
	for y := range im.Height {
		row, to := im.Data[y*im.Width*c:][:im.Width*c], out.Data[y*width*c:][:width*c]
		for x, t := range all {
			for channel := range c {
				sum, at := int64(1)<<(weightBits-1), t.first*c+channel
				for _, w := range t.weights {
					sum += w * int64(row[at])
					at += c
				}
				to[x*c+channel] = float32(min(max(sum>>weightBits, 0), 255))
			}
		}
	}
	return out
}

// transposed has rows for columns.
func transposed(im Image) Image {
	c := im.Channels
	out := Image{Height: im.Width, Width: im.Height, Channels: c, Data: make([]float32, len(im.Data))}
	for y := range im.Height {
		for x := range im.Width {
			copy(out.Data[(x*im.Height+y)*c:][:c], im.Data[(y*im.Width+x)*c:])
		}
	}
	return out
}
