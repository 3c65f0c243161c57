package distance

import "github.com/triggerfinder/triggerfinder/internal/vec"

// ssimLine is the straight way from the reference to another image. The moments of the windows on it follow from those
// at its end, so that its SSIM takes a fraction of the time that ssim.To takes. It is an estimate: images on the way
// are rounded to their domain, and of large images it holds some rows of windows only.
type ssimLine struct {
	s         *ssim
	top       int     // row of windows with which it begins
	every     int     // of so many rows of windows, one is kept
	weight    float64 // of a loss in these rows
	rowLength int
	places    []int                  // of the first window of each row kept
	moments   [ssimMoments][]float64 // shifts, squares and products of the rows kept, at the end
}

// mostWindows is about how many windows of a line are kept.
const mostWindows = 4096

func (l *ssimLine) reset(area ssimArea) {
	l.top, l.weight, l.rowLength, l.places = area.top, 0, l.s.channels*(area.right-area.left), l.places[:0]
	l.every = max(1, (area.bottom-area.top)*l.rowLength/mostWindows)
	for i := range l.moments {
		l.moments[i] = l.moments[i][:0]
	}
}

// keeps reports whether a row of windows is kept.
func (l *ssimLine) keeps(y int) bool { return l != nil && (y-l.top)%l.every == l.every/2 }

func (l *ssimLine) keep(at int, moments ...[]float64) {
	l.places = append(l.places, at)
	for i, m := range moments {
		l.moments[i] = append(l.moments[i], m...)
	}
}

// at is about the SSIM at a share of the way.
func (l *ssimLine) at(share float64) float64 {
	n := l.rowLength
	factors := [ssimMoments]float64{share, square(share), share}
	var window [ssimMoments][]float64
	for i := range window {
		window[i] = l.s.window[i*n:][:n]
	}
	var loss float64
	for row, at := range l.places {
		for i, factor := range factors {
			for j, m := range l.moments[i][row*n:][:n] {
				window[i][j] = factor * m
			}
		}
		vec.Losses(window[0], window[1], window[2], l.s.mean[at:], l.s.variance[at:], l.s.c1, l.s.c2)
		for _, w := range window[0] {
			loss += w
		}
	}
	return 1 - loss*l.weight
}
