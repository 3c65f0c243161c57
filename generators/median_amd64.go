package generators

//go:generate go run median_asm.go

// The functions below go through n bytes in src and write as many to dst, each of the window whose upper left corner is
// there: its median or, for sortColumns7, the column below it, in order, to 7 rows. Rows in src, those of sorted columns
// for medians7, are stride bytes apart, and those in dst apart bytes. As they work on [vectorWidth] bytes at once, they
// reach beyond what is asked for.

//go:noescape
func medians3(dst, src *byte, n, stride int)

//go:noescape
func medians5(dst, src *byte, n, stride int)

//go:noescape
func sortColumns7(dst, src *byte, n, stride, apart int)

//go:noescape
func medians7(dst, src *byte, n, stride int)

const (
	// vectorKernel is the largest kernel for which there are such functions.
	vectorKernel = 7
	vectorWidth  = 32
)

// medianOfByteVectors is the median of bytes for k = 3, 5 and 7.
func medianOfByteVectors(out []float32, im raster, k int) {
	width, size := im.width+k-1, planeSize(im, k)
	n := im.height * width // the rows of medians, which lie as far apart as those of the plane
	// Whole vectors reach beyond the plane, and windows to the right of that.
	room := size + 2*vectorWidth
	buffer := byteScratch.borrow((2 + vectorKernel) * room)
	defer byteScratch.giveBack(buffer)
	values, medians, sorted := (*buffer)[:room], (*buffer)[room:][:room], (*buffer)[2*room:]
	for c := range im.channels {
		padPlane(values, im, c, k)
		switch k {
		case 3:
			medians3(&medians[0], &values[0], n, width)
		case 5:
			medians5(&medians[0], &values[0], n, width)
		default:
			sortColumns7(&sorted[0], &values[0], n+vectorWidth, width, room)
			medians7(&medians[0], &sorted[0], n, room)
		}
		for y := range im.height {
			to, from := out[im.at(y, 0)+c:], medians[y*width:][:im.width]
			if im.channels == 1 {
				bytesToFloats(to, from)
				continue
			}
			for x, v := range from {
				to[x*im.channels] = float32(v)
			}
		}
	}
}
