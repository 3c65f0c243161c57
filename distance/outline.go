package distance

import (
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/internal/vec"
)

// windowsASide is about how many windows an outline has along a side.
const windowsASide = 9

// imageOutline estimates the [SSIM] of an image and its blends with others, well enough to rank them, in a fraction of the time. It
// holds the moments of some of the windows of SSIM over the image, evenly spread: from those of two images, and one more
// moment, that of their product, follows the SSIM of every blend of the two. It goes on using the image's memory, or the packed image.
type imageOutline struct {
	pixels   input.Packed // empty where here has them
	values   int
	width    int // of the image, in pixels
	channels int
	step     int // pixels between windows
	rows     int // of windows
	columns  int
	kernel   []float64
	ssimScale
	mean, square []float64 // by row, column and channel of windows

	here             []float32 // the pixels; nil while only the packed ones are kept
	there            []float32 // room for another image's
	products, column []float64 // room for the moments of one more pair of images
	taps             [][]float64
}

// newImageOutline returns nil for inputs that are not images of at least 3x3.
func newImageOutline(in input.Input) *imageOutline {
	h, w, c, ok := in.ImageSize()
	if !ok || min(h, w) < 3 || h*w*c != len(in.Data) {
		return nil
	}
	kernel := ssimKernel(min(h, w))
	// Windows farther apart than half their size would leave parts of the image out.
	step := min((min(h, w)-len(kernel))/windowsASide+1, len(kernel)/2)
	o := &imageOutline{
		here: in.Data, values: len(in.Data), width: w, channels: c, step: step, kernel: kernel,
		rows: (h-len(kernel))/step + 1, columns: (w-len(kernel))/step + 1,
		ssimScale: scaleOf(in.Domain),
	}
	ones := make([]float32, len(in.Data))
	for i := range ones {
		ones[i] = 1
	}
	o.mean, o.square = o.moments(in.Data, ones), o.moments(in.Data, in.Data)
	o.products, o.column, o.taps = nil, nil, nil // many outlines are kept, and few compared
	return o
}

// moments is the mean product of two images under each window.
func (o *imageOutline) moments(a, b []float32) []float64 {
	if o.products == nil {
		o.products, o.column, o.taps = make([]float64, len(a)), make([]float64, o.width*o.channels), make([][]float64, len(o.kernel))
	}
	products, column, taps := o.products, o.column, o.taps
	vec.Products(products, a, b)
	length := len(column)
	means := make([]float64, 0, o.rows*o.columns*o.channels)
	for y := range o.rows {
		for k := range taps {
			taps[k] = products[(y*o.step+k)*length:][:length]
		}
		vec.BlurDown(column, taps, o.kernel)
		for x := range o.columns {
			for channel := range o.channels {
				var sum float64
				at := x*o.step*o.channels + channel
				for _, g := range o.kernel {
					sum += float64(g * column[at])
					at += o.channels
				}
				means = append(means, sum)
			}
		}
	}
	return means
}

// Blends implements [Outline]. It is nil where the two have other shapes.
func (o *imageOutline) Blends(with Outline) func(t float64) float64 {
	other, ok := with.(*imageOutline)
	if !ok || other == nil || o.width != other.width || o.channels != other.channels || o.values != other.values {
		return nil
	}
	if o.here == nil {
		o.here = o.pixels.Unpack().Data
	}
	theirs := other.here
	if theirs == nil {
		if o.there == nil {
			o.there = make([]float32, other.values)
		}
		theirs = other.pixels.UnpackInto(o.there).Data
	}
	cross := o.moments(o.here, theirs)
	return func(t float64) float64 {
		var loss float64
		for i, c := range cross {
			// The moments of the difference of the blend from the image, as in ssim.To.
			mean, squared := o.mean[i], o.square[i]
			shift := float64(t * (other.mean[i] - mean))
			spread := max(float64(t*t*(other.square[i]-2*c+squared))-square(shift), 0)
			loss += vec.Loss(mean, max(squared-square(mean), 0), shift, spread, float64(t*(c-squared))-float64(mean*shift), o.c1, o.c2)
		}
		return 1 - loss/float64(len(cross))
	}
}
