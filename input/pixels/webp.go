package pixels

import (
	"image"
	"io"

	"golang.org/x/image/webp"
)

// decodeWebP decodes WebP files with the colours that libwebp gives them, as Pillow, OpenCV and browsers do. The package
// webp leaves pixels of lossy files in the YCbCr of video, of 16..235, which package image takes for that of JPEG, of
// 0..255: images would be too pale.
func decodeWebP(r io.Reader) (image.Image, error) {
	img, err := webp.Decode(r)
	if err != nil {
		return nil, err
	}
	switch m := img.(type) {
	case *image.YCbCr:
		return videoColours(m), nil
	case *image.NYCbCrA:
		if !m.Opaque() {
			return m, nil // is refused
		}
		return videoColours(&m.YCbCr), nil
	}
	return img, nil
}

// videoColours converts to RGB as libwebp does, to the last bit: chroma is interpolated between its samples ("fancy
// upsampling"), row by row in pairs that lie between two rows of samples.
func videoColours(m *image.YCbCr) *image.RGBA {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	samples := (w + 1) / 2
	chroma := func(row int) (cb, cr []byte) {
		return m.Cb[row*m.CStride:][:samples], m.Cr[row*m.CStride:][:samples]
	}
	last := (h+1)/2 - 1
	for y := range h {
		// The nearer row of samples, and the other one.
		near := y / 2
		far := min(max(near-1+2*(y%2), 0), last)
		cbNear, crNear := chroma(near)
		cbFar, crFar := chroma(far)
		luma, row := m.Y[y*m.YStride:][:w], out.Pix[y*out.Stride:][:4*w]
		for x, l := range luma {
			cb, cr := between(cbNear, cbFar, x, w), between(crNear, crFar, x, w)
			fromVideo(row[4*x:][:4], int(l), cb, cr)
		}
	}
	return out
}

// between is the chroma of column x of w, between the nearest sample and its neighbours.
func between(near, far []byte, x, w int) int {
	column := x / 2
	beside := column - 1 + 2*(x%2)
	if beside < 0 || x == w-1 && w%2 == 0 {
		return (3*int(near[column]) + int(far[column]) + 2) >> 2
	}
	n, f, nb, fb := int(near[column]), int(far[column]), int(near[beside]), int(far[beside])
	// libwebp's two roundings.
	diagonal := (n + f + nb + fb + 8 + 2*(f+nb)) >> 3
	return (diagonal + n) >> 1
}

// fromVideo is libwebp's VP8YuvToRgb.
func fromVideo(to []byte, y, u, v int) {
	y = y * 19077 >> 8
	to[0] = clip6(y + v*26149>>8 - 14234)
	to[1] = clip6(y - u*6419>>8 - v*13320>>8 + 8708)
	to[2] = clip6(y + u*33050>>8 - 17685)
	to[3] = 255
}

func clip6(v int) byte { return byte(min(max(v>>6, 0), 255)) }
