package report

import (
	"image"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input/pixels"
	"golang.org/x/image/draw"
)

// Pictures are a trigger beside its seed, as PNG files.
type Pictures struct {
	Seed, Trigger []byte
	// Difference is 128 + Amplification * (trigger - seed), on the scale of 0 to 255: grey is no
	// difference.
	Difference    []byte
	Amplification int
	Width, Height int // of the inputs
}

// PicturesOf draws a trigger. Pictures larger than most pixels a side are reduced to that; 0 means no
// limit. It is false when the trigger is not an image of 1 or 3 channels, or without its inputs.
func PicturesOf(t *engine.Trigger, most int) (p Pictures, ok bool) {
	if !hasPictures(t) {
		return p, false
	}
	p.Height, p.Width, _, _ = t.Seed.ImageSize()
	p.Amplification = amplification(t.Seed, t.Input)
	for _, one := range []struct {
		png *[]byte
		img image.Image
	}{
		{&p.Seed, picture(t.Seed)},
		{&p.Trigger, picture(t.Input)},
		{&p.Difference, difference(t.Seed, t.Input, p.Amplification)},
	} {
		data, err := pixels.EncodePNG(reduced(one.img, most))
		if err != nil {
			return Pictures{}, false
		}
		*one.png = data
	}
	return p, true
}

// reduced is the picture with at most so many pixels a side.
func reduced(img image.Image, most int) image.Image {
	w, h := img.Bounds().Dx(), img.Bounds().Dy()
	if most <= 0 || max(w, h) <= most {
		return img
	}
	scale := float64(most) / float64(max(w, h))
	small := image.NewNRGBA(image.Rect(0, 0, max(1, int(float64(w)*scale)), max(1, int(float64(h)*scale))))
	draw.CatmullRom.Scale(small, small.Bounds(), img, img.Bounds(), draw.Src, nil)
	return small
}

// HistoryInWords describes the mutation operators that led to a trigger in at most so many letters, where
// that can be: "blur ×3 → noise → … 12 more … → shift".
func HistoryInWords(history []string, letters int) string {
	return shortHistory(history, func(s string) bool { return len([]rune(s)) <= letters })
}
