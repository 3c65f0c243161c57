package engine

import "math"

// The constants of SSIM as published.
const (
	ssimWindow = 11
	ssimSigma  = 1.5
	ssimK1     = 0.01
	ssimK2     = 0.03
)

// SSIM is the mean structural similarity of two images of the same shape (Wang, Bovik, Sheikh,
// Simoncelli: "Image quality assessment", IEEE TIP 2004): an 11x11 Gaussian window with sigma 1.5,
// K1 = 0.01, K2 = 0.03, windows that lie wholly inside the image, the dynamic range of the domain,
// averaged over windows and channels. Images smaller than 11 pixels take the largest odd window
// that fits. It is 1 for equal images. It reports false for inputs that are not images of at least
// 3x3 or whose shapes differ.
func SSIM(a, b Input) (float64, bool) {
	h, w, c, ok := a.ImageSize()
	if !ok || min(h, w) < 3 || len(a.Data) != len(b.Data) {
		return 0, false
	}
	if bh, bw, bc, ok := b.ImageSize(); !ok || bh != h || bw != w || bc != c {
		return 0, false
	}
	kernel := ssimKernel(min(h, w))
	c1, c2 := square(ssimK1*float64(a.Domain.Range())), square(ssimK2*float64(a.Domain.Range()))
	outH, outW := h-len(kernel)+1, w-len(kernel)+1

	// Five moments (a, b, aa, bb, ab) of one channel, blurred along rows, then along columns.
	rows := make([][5]float64, h*outW)
	var sum float64
	for ch := range c {
		for y := range h {
			for x := range outW {
				var m [5]float64
				for k, weight := range kernel {
					i := (y*w+x+k)*c + ch
					va, vb := float64(a.Data[i]), float64(b.Data[i])
					m[0] += weight * va
					m[1] += weight * vb
					m[2] += weight * va * va
					m[3] += weight * vb * vb
					m[4] += weight * va * vb
				}
				rows[y*outW+x] = m
			}
		}
		for y := range outH {
			for x := range outW {
				var m [5]float64
				for k, weight := range kernel {
					row := &rows[(y+k)*outW+x]
					for j := range m {
						m[j] += weight * row[j]
					}
				}
				varA, varB, covariance := m[2]-m[0]*m[0], m[3]-m[1]*m[1], m[4]-m[0]*m[1]
				sum += (2*m[0]*m[1] + c1) * (2*covariance + c2) /
					((m[0]*m[0] + m[1]*m[1] + c1) * (varA + varB + c2))
			}
		}
	}
	return sum / float64(outH*outW*c), true
}

func ssimKernel(size int) []float64 {
	n := min(ssimWindow, size)
	if n%2 == 0 {
		n--
	}
	kernel := make([]float64, n)
	var sum float64
	for i := range kernel {
		kernel[i] = math.Exp(-square(float64(i-n/2)) / (2 * ssimSigma * ssimSigma))
		sum += kernel[i]
	}
	for i := range kernel {
		kernel[i] /= sum
	}
	return kernel
}

func square(v float64) float64 { return v * v }
