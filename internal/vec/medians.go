package vec

import "math/bits"

//go:generate go run medians_asm.go

// widestSorted is the largest side of a window whose median is found in many windows at once.
const widestSorted = 7

// MediansRoom is how many bytes [Medians] needs for a plane of size bytes: the plane, and room behind it.
func MediansRoom(size, k int) int {
	if !vectors || k > widestSorted {
		return size
	}
	// A plane, its medians and seven rows of columns for each of its rows. Whole vectors reach beyond the plane, and
	// windows to the right of that.
	return (2 + widestSorted) * (size + 2*bytesAtOnce)
}

// Medians writes the median of each window of k x k bytes, with k odd and from 3 to 15. The plane lies in the first
// width*height bytes of room, which has [MediansRoom] and whose other bytes are written to. The medians of a row of
// windows, of which there are width-k+1 in height-k+1 rows, lie side by side in out, each step values after the one
// before.
func Medians(out []float32, step int, room []byte, width, height, k int) {
	across := width - k + 1
	if vectors && k <= widestSorted {
		medians := sortedMedians(room, width, height, k)
		for y := range height - k + 1 {
			to, from := out[y*across*step:], medians[y*width:][:across]
			if step == 1 {
				BytesToFloats(to, from)
				continue
			}
			for x, v := range from {
				to[x*step] = float32(v)
			}
		}
		return
	}
	row := mediansByHistogram
	if k == 3 {
		row = mediansOfColumns
	}
	for y := range height - k + 1 {
		row(out[y*across*step:], step, room[y*width:width*height], width, k)
	}
}

// sortedMedians returns a median for each byte of the plane where a window begins, those of other places are of no use.
func sortedMedians(room []byte, width, height, k int) []byte {
	size := width*height + 2*bytesAtOnce
	room = room[:(2+widestSorted)*size]
	plane, medians, sorted := room[:size], room[size:2*size], room[2*size:]
	n := (height - k + 1) * width
	switch k {
	case 3:
		medians3(&medians[0], &plane[0], n, width)
	case 5:
		medians5(&medians[0], &plane[0], n, width)
	default:
		sortColumns7(&sorted[0], &plane[0], n, width, size)
		medians7(&medians[0], &sorted[0], n, size)
	}
	return medians
}

// mediansOfColumns writes the medians of a row of windows, which begins at the first value and is 3 high. It finds them
// from the three columns, each sorted once: as the median of the greatest low, the middle middle and the least high one.
func mediansOfColumns(out []float32, step int, values []byte, width, _ int) {
	a, b, c := values[:width], values[width:][:width], values[2*width:][:width]
	low0, mid0, high0 := sort3(int(a[0]), int(b[0]), int(c[0]))
	low1, mid1, high1 := sort3(int(a[1]), int(b[1]), int(c[1]))
	for x := 2; x < len(a); x++ {
		low2, mid2, high2 := sort3(int(a[x]), int(b[x]), int(c[x]))
		_, m, _ := sort3(mid0, mid1, mid2)
		_, m, _ = sort3(max(low0, low1, low2), m, min(high0, high1, high2))
		out[(x-2)*step] = float32(m)
		low0, mid0, high0 = low1, mid1, high1
		low1, mid1, high1 = low2, mid2, high2
	}
}

func sort3(a, b, c int) (low, mid, high int) {
	a, b = min(a, b), max(a, b)
	low, c = min(a, c), max(a, c)
	return low, min(b, c), max(b, c)
}

// mediansByHistogram does so for k x k values. It slides a window along the rows and keeps the histogram of its values
// (Huang, Yang, Tang 1979): one column leaves, one enters, and the median moves a few bins.
func mediansByHistogram(out []float32, step int, values []byte, width, k int) {
	h := histogram{rank: k * k / 2}
	for y := range k {
		for _, v := range values[y*width:][:k] {
			h.count[v]++
		}
	}
	h.seek()
	out[0] = float32(h.median)
	for x := k; x < width; x++ {
		h.slide(values[x-k:], k, width)
		h.seek()
		out[(x-k+1)*step] = float32(h.median)
	}
}

// histogram counts bytes and knows the one of a given rank when they are sorted.
type histogram struct {
	count  [256]uint8 // 15 x 15 values are not too many for a byte
	rank   int
	median int // the value found last
	below  int // how many counted values are less than it
}

// slide takes out the first value of k rows and takes in the one k further on.
func (h *histogram) slide(values []uint8, k, width int) {
	below := h.below
	for i := 0; i < k*width; i += width {
		leave, enter := values[i], values[i+k]
		h.count[leave]--
		h.count[enter]++
		below += negative(int(enter)-h.median) - negative(int(leave)-h.median)
	}
	h.below = below
}

// negative is 1 for a negative number and otherwise 0. It takes no branch, as a processor would
// guess every other comparison with a median wrong.
func negative(n int) int { return int(uint(n) >> (bits.UintSize - 1)) }

// seek moves the median to the value of the rank.
func (h *histogram) seek() {
	median, below := h.median, h.below
	for below > h.rank {
		median--
		below -= int(h.count[median&255])
	}
	for n := int(h.count[median&255]); below+n <= h.rank; n = int(h.count[median&255]) {
		below += n
		median++
	}
	h.median, h.below = median, below
}
