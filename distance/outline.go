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

	here []float32 // the pixels; nil where only the packed ones are kept
	room *outlineRoom
}

// outlineRoom is what the moments of pairs of images are computed in, row by row.
type outlineRoom struct {
	products [][]float64 // of the rows of pixels under a window, from the top
	column   []float64
	rows     [2][]float32 // of pixels
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
	ones := make([]float32, w*c)
	for i := range ones {
		ones[i] = 1
	}
	o.mean = o.moments(func(y int) []float32 { return ones })
	o.square = o.moments(func(y int) []float32 { return o.row(y, nil) })
	o.room = nil // many outlines are kept, and few compared
	return o
}

// row is a row of pixels, in the room where it is packed.
func (o *imageOutline) row(y int, room []float32) []float32 {
	length := o.width * o.channels
	if o.here != nil {
		return o.here[y*length:][:length]
	}
	o.pixels.UnpackPart(room, y*length)
	return room
}

// moments is the mean product, under each window, of the image and another one, whose rows are asked for one after the other.
func (o *imageOutline) moments(other func(y int) []float32) []float64 {
	length := o.width * o.channels
	if o.room == nil {
		o.room = &outlineRoom{products: rowsOf(len(o.kernel), length), column: make([]float64, length)}
		for i := range o.room.rows {
			o.room.rows[i] = make([]float32, length)
		}
	}
	products, column := o.room.products, o.room.column
	means := make([]float64, 0, o.rows*o.columns*o.channels)
	next := 0 // row of pixels
	for y := range o.rows {
		top := y * o.step
		for ; next < top+len(products); next++ {
			first := products[0] // of the row farthest up, which is done with
			copy(products, products[1:])
			products[len(products)-1] = first
			vec.Products(first, o.row(next, o.room.rows[0]), other(next))
		}
		vec.BlurDown(column, products, o.kernel)
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
	cross := o.moments(func(y int) []float32 { return other.row(y, o.room.rows[1]) })
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
