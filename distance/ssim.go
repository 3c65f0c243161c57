package distance

import (
	"math"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/internal/vec"
)

// The constants of SSIM as published.
const (
	ssimWindow = 11
	ssimK1     = 0.01
	ssimK2     = 0.03
)

// ssimBell is exp(-k²/(2*1.5²)) for k = 0, 1, … 5: a Gaussian with sigma 1.5. It is written out because
// the last bit of [math.Exp] is not the same on every machine.
var ssimBell = [ssimWindow/2 + 1]float64{
	1,
	0.800737402916808040778257224143,
	0.411112290507187435925676571598,
	0.135335283236612691893999494972,
	0.0285655007845503726434801454054,
	0.00386592013947280674539346175457,
}

// SSIM is the mean structural similarity of two images of the same shape (Wang, Bovik, Sheikh,
// Simoncelli: "Image quality assessment", IEEE TIP 2004): an 11x11 Gaussian window with sigma 1.5,
// K1 = 0.01, K2 = 0.03, windows that lie wholly inside the image, the dynamic range of the domain,
// averaged over windows and channels. Images smaller than 11 pixels take the largest odd window
// that fits. It is 1 for equal images. It reports false for inputs that are not images of at least
// 3x3 or whose shapes differ.
func SSIM(a, b input.Input) (float64, bool) {
	s := newSSIM(a)
	if s == nil || !sameSize(a, b) {
		return 0, false
	}
	return s.To(b.Data), true
}

// sameSize reports whether two images have the same size; [h, w] is the same as [h, w, 1].
func sameSize(a, b input.Input) bool {
	ah, aw, ac, _ := a.ImageSize()
	bh, bw, bc, ok := b.ImageSize()
	return ok && ah == bh && aw == bw && ac == bc && len(a.Data) == len(b.Data)
}

// ssim compares images with one reference. What depends on the reference alone is computed once, and
// comparing does not allocate. It is used by one goroutine at a time.
//
// It works on the difference d of the two images, from which the moments of the other image follow:
// mean(b) = mean(a)+mean(d), cov(a,b) = var(a)+cov(a,d), var(b) = var(a)+2*cov(a,d)+var(d). So windows
// without a change need no work, equal images have exactly 1, and small changes lose no digits.
//
// Results are the same on every machine: the conversions of products to float64 forbid to fuse them
// with a sum.
type ssim struct {
	reference     []float32
	height, width int
	channels      int
	rows, columns int // of windows
	kernel        []float64
	ssimScale
	mean, variance  []float64   // of the reference's windows, by row, column and channel
	moments         [][]float64 // of the rows of pixels under a window, from the top
	blurred, window []float64   // moments blurred along columns, then along the row as well

	base  []float32 // what images to come mostly resemble; nil for none
	tiles []float64 // losses of the base, by row and tile; nil until they are needed
}

// ssimTile is how many windows of a row have their losses added up by themselves, before these sums are added in order: so the sum is the
// same to the last bit whichever of the tiles are computed anew.
const ssimTile = 16

// ssimMoments is how many moments each element of a row has: d, d*d and reference*d. Those of a kind lie side by side.
const ssimMoments = 3

// newSSIM returns nil for inputs that are not images of at least 3x3.
func newSSIM(reference input.Input) *ssim {
	h, w, c, ok := reference.ImageSize()
	if !ok || min(h, w) < 3 || h*w*c != len(reference.Data) {
		return nil
	}
	kernel := ssimKernel(min(h, w))
	s := &ssim{
		reference: reference.Data, height: h, width: w, channels: c, rows: h - len(kernel) + 1, columns: w - len(kernel) + 1, kernel: kernel,
		ssimScale: scaleOf(reference.Domain),
	}
	row, windows := ssimMoments*w*c, s.rows*s.columns*c
	s.mean, s.variance = make([]float64, windows), make([]float64, windows)
	s.blurred, s.window = make([]float64, row), make([]float64, ssimMoments*s.columns*c)
	s.moments = rowsOf(len(kernel), row)

	// Of the reference alone, two moments do: its values and their squares.
	n, along, last := w*c, s.columns*c, len(kernel)-1
	ones := make([]float32, n)
	for i := range ones {
		ones[i] = 1
	}
	read := 0 // rows of pixels
	for y := range s.rows {
		for ; read <= y+last; read++ {
			highest := s.moments[0]
			copy(s.moments, s.moments[1:])
			s.moments[last] = highest
			pixels := reference.Data[read*n:][:n]
			vec.Products(highest[:n], pixels, ones)
			vec.Products(highest[n:2*n], pixels, pixels)
		}
		vec.BlurDown(s.blurred[:2*n], s.moments, kernel)
		means, squares := s.mean[y*along:][:along], s.window[:along]
		vec.BlurAlong(means, s.blurred[:n], c, kernel)
		vec.BlurAlong(squares, s.blurred[n:2*n], c, kernel)
		vec.Variances(s.variance[y*along:][:along], squares, means)
	}
	return s
}

// To is the SSIM of an image of the size of the reference.
func (s *ssim) To(b []float32) float64 {
	if s.base == nil {
		return s.follow(b, nil)
	}
	area := s.between(s.base, b)
	if size := (area.bottom - area.top) * (area.right - area.left); 2*size > s.rows*s.columns {
		return s.follow(b, nil)
	}
	if s.tiles == nil {
		s.tiles = make([]float64, s.rows*s.tilesARow())
		from := s.between(s.reference, s.base)
		s.losses(s.base, from, nil, func(y, tile int, loss float64) { s.tiles[y*s.tilesARow()+tile] = loss })
	}
	// What differs from the base is computed, the rest is known.
	var loss float64
	next, across := 0, s.tilesARow()
	s.losses(b, area, nil, func(y, tile int, of float64) {
		at := y*across + tile
		for ; next < at; next++ {
			loss += s.tiles[next]
		}
		loss += of
		next++
	})
	for _, known := range s.tiles[next:] {
		loss += known
	}
	return 1 - loss/float64(len(s.mean))
}

// From implements [Stepper].
func (s *ssim) From(base []float32) {
	s.base, s.tiles = nil, nil
	if len(base) == len(s.reference) {
		s.base = base
	}
}

var _ Stepper = (*ssim)(nil)

// follow is To without a base, and keeps the way to the image in line, where that is not nil.
func (s *ssim) follow(b []float32, line *ssimLine) float64 {
	area := s.between(s.reference, b)
	if line != nil {
		line.reset(area)
	}
	var loss, kept float64
	s.losses(b, area, line, func(y, _ int, of float64) {
		loss += of
		if line.keeps(y) {
			kept += of
		}
	})
	loss /= float64(len(s.mean))
	if line != nil && kept > 0 {
		line.weight = loss / kept
	}
	return 1 - loss
}

// tilesARow is how many tiles a row of windows has.
func (s *ssim) tilesARow() int { return (s.columns + ssimTile - 1) / ssimTile }

// losses computes what the windows of an area lose, and hands the sum of each tile on, in order. Tiles lose nothing beyond what is handed
// on where the area has all windows in which b differs from the reference.
func (s *ssim) losses(b []float32, area ssimArea, line *ssimLine, add func(y, tile int, loss float64)) {
	for y := area.top; y < area.bottom; y++ {
		at := s.blurRow(b, area, y)
		shifts, squares, products := s.momentsOf(area)
		if line.keeps(y) {
			line.keep(at, shifts, squares, products)
		}
		vec.Losses(shifts, squares, products, s.mean[at:], s.variance[at:], s.c1, s.c2)
		for tile := area.left / ssimTile; len(shifts) > 0; tile++ {
			n := min(ssimTile*s.channels, len(shifts))
			add(y, tile, vec.Sum(shifts[:n]))
			shifts = shifts[n:]
		}
	}
}

// ssimScale holds the two constants of SSIM for the dynamic range of a domain.
type ssimScale struct{ c1, c2 float64 }

func scaleOf(d input.Domain) ssimScale {
	return ssimScale{c1: square(ssimK1 * float64(d.Range())), c2: square(ssimK2 * float64(d.Range()))}
}

// Weights sets dst to how much each element weighs: a change of that element alone by a small v lowers
// SSIM by its weight times v*v.
//
// Such a change shifts the mean of a window that gives the element the share g by g*v, and the
// variance of the difference is g*(1-g)*v*v, so to second order the window loses
// (g*g/(2*mean*mean+c1) + g*(1-g)/(2*variance+c2)) * v*v.
func (s *ssim) Weights(dst []float32) {
	// The terms with g and with g*g, and g itself, are products of a part along columns and one along
	// rows, which are summed one after the other: those of the windows that see a row of pixels, and then those of the windows that see a pixel.
	size, length, across := len(s.kernel), s.columns*s.channels, s.width*s.channels
	rim := (size - 1) * s.channels // elements of a row of pixels that no window begins at
	squares, ones := make([]float64, size), make([]float64, size)
	for k, g := range s.kernel {
		squares[k], ones[k] = float64(g*g), 1
	}
	ofVariance, rest := rowsOf(size, length), rowsOf(size, length) // of the latest rows of windows
	terms, row := rowsOf(2, length), make([]float64, across)
	both := rowsOf(size/2+1, length+2*rim) // by the place in the window up to its middle, with nothing before and behind a row of windows
	upper, lower, taps := make([][]float64, 0, size), make([][]float64, 0, size), make([][]float64, size)
	for y := range s.height {
		if y < s.rows {
			vec.WindowWeights(ofVariance[y%size], rest[y%size], s.mean[y*length:], s.variance[y*length:], s.c1, s.c2)
		}
		upper, lower = upper[:0], lower[:0]
		first, last := max(y-size+1, 0), min(y, s.rows-1)
		for window := first; window <= last; window++ {
			upper, lower = append(upper, ofVariance[window%size]), append(lower, rest[window%size])
		}
		// The window farthest up sees the row with the last of its weights, which are symmetric.
		vec.Combine(terms[0], upper, s.kernel[size-1-(y-first):])
		vec.Combine(terms[1], lower, squares[size-1-(y-first):])
		for half, of := range both {
			vec.Combine(of[rim:][:length], terms, []float64{s.kernel[half], squares[half]})
			for _, k := range [...]int{half, size - 1 - half} {
				taps[k] = of[rim-k*s.channels:]
			}
		}
		vec.Combine(row, taps, ones)
		out := dst[min(y*across, len(dst)):min((y+1)*across, len(dst))]
		vec.Quotients(out, row[:len(out)], float64(len(s.mean)))
	}
}

// SeenWeights implements [SeenWeigher]: few windows see the rim of an image, so that changing it costs next to nothing; people see it
// all the same. Here it weighs more, by the root of what it lacks.
func (s *ssim) SeenWeights(dst []float32) {
	s.Weights(dst)
	side := min(s.height, s.width)
	rows, columns := coverage(s.height, side), coverage(s.width, side)
	lacks := make([]float32, s.width*s.channels)
	for y := range s.height {
		if y == 0 || rows[y] != rows[y-1] { // most are alike
			for i := range lacks {
				lacks[i] = float32(math.Sqrt(rows[y] * columns[i/s.channels]))
			}
		}
		row := dst[:min(len(lacks), len(dst))]
		vec.Divide(row, lacks)
		dst = dst[len(row):]
	}
}

var _ SeenWeigher = (*ssim)(nil)

// ssimArea is a rectangle of windows.
type ssimArea struct{ top, bottom, left, right int }

// between is the rectangle of the windows in which b can differ from a, up to whole tiles. It compares bits, which is fast over
// rows; zeros of different signs do no harm.
func (s *ssim) between(a, b []float32) ssimArea {
	length := s.width * s.channels
	rows := func(y int) (x, z []float32) { return a[y*length:][:length], b[y*length:][:length] }
	first, last := 0, s.height-1
	for first <= last && vec.SameBits(rows(first)) {
		first++
	}
	if first > last {
		return ssimArea{}
	}
	for vec.SameBits(rows(last)) {
		last--
	}
	left, right := length, 0
	for y := first; y <= last; y++ {
		rowA, rowB := rows(y)
		if !vec.SameBits(rowA[:left], rowB[:left]) {
			left = 0
			for math.Float32bits(rowA[left]) == math.Float32bits(rowB[left]) {
				left++
			}
		}
		if !vec.SameBits(rowA[right:], rowB[right:]) {
			right = length
			for math.Float32bits(rowA[right-1]) == math.Float32bits(rowB[right-1]) {
				right--
			}
		}
	}
	reach := len(s.kernel) - 1
	return ssimArea{
		top: max(first-reach, 0), bottom: min(last+1, s.rows),
		left:  max(left/s.channels-reach, 0) / ssimTile * ssimTile,
		right: min(((right-1)/s.channels/ssimTile+1)*ssimTile, s.columns),
	}
}

// blurRow computes the moments of the area's windows of row y into window, and returns the place of
// the first among all windows. Rows are asked for in order.
func (s *ssim) blurRow(b []float32, area ssimArea, y int) int {
	last := len(s.kernel) - 1
	from, to := area.left*s.channels, (area.right+last)*s.channels // elements under the windows
	n, windows := to-from, s.channels*(area.right-area.left)
	first := 0
	if y > area.top { // all but one are there already
		highest := s.moments[0]
		copy(s.moments, s.moments[1:])
		s.moments[last] = highest
		first = last
	}
	for i, m := range s.moments[first:] {
		at := (y + first + i) * s.width * s.channels
		vec.Moments(m[:ssimMoments*n], s.reference[at+from:at+to], b[at+from:at+to])
	}
	vec.BlurDown(s.blurred[:ssimMoments*n], s.moments, s.kernel)
	for moment := range ssimMoments {
		vec.BlurAlong(s.window[moment*windows:][:windows], s.blurred[moment*n:][:n], s.channels, s.kernel)
	}
	return (y*s.columns + area.left) * s.channels
}

// momentsOf are the moments of the area's windows that blurRow found.
func (s *ssim) momentsOf(area ssimArea) (shifts, squares, products []float64) {
	n := s.channels * (area.right - area.left)
	return s.window[:n], s.window[n : 2*n], s.window[2*n : 3*n]
}

func ssimKernel(size int) []float64 {
	n := min(ssimWindow, size)
	if n%2 == 0 {
		n--
	}
	kernel := make([]float64, n)
	var sum float64
	for i := range kernel {
		kernel[i] = ssimBell[max(i-n/2, n/2-i)]
		sum += kernel[i]
	}
	for i := range kernel {
		kernel[i] /= sum
	}
	return kernel
}

// coverage is how much of all windows together falls on each of n places of a side, 1 where windows lie on all
// sides. The shorter side of the image decides the size of windows.
func coverage(n, shorter int) []float64 {
	covered := make([]float64, n)
	kernel := ssimKernel(shorter)
	for at := 0; at+len(kernel) <= n; at++ {
		for i, weight := range kernel {
			covered[at+i] += weight
		}
	}
	return covered
}

// rowsOf is that many rows of a length, in one piece of memory.
func rowsOf(n, length int) [][]float64 {
	pool, rows := make([]float64, n*length), make([][]float64, n)
	for i := range rows {
		rows[i] = pool[i*length:][:length]
	}
	return rows
}

func square(v float64) float64 { return float64(v * v) }
