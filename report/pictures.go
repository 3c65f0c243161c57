package report

import (
	"image"
	"slices"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input/pixels"
	"golang.org/x/image/draw"
)

// Pictures are what a [Viewer] draws of a trigger, as PNG files.
type Pictures struct {
	Panels        []Picture
	Amplification int // how many times differences are enlarged; 0 where they are not
	Width, Height int // of the first panel, before it was reduced
}

// Picture is a PNG file.
type Picture struct {
	Name string // some words that stand below it
	Alt  string // what it shows, for those who cannot see it
	PNG  []byte
}

// PicturesOf draws a trigger, see [ViewOf] and [View.Pictures]. It is false where there is nothing to draw: for kinds without a
// viewer, such as images of 2 channels, and for triggers without their inputs.
func PicturesOf(t *engine.Trigger, most int) (p Pictures, ok bool) {
	v, err := ViewOf(t)
	if err != nil {
		return Pictures{}, false
	}
	p, err = v.Pictures(most)
	return p, err == nil && len(p.Panels) > 0
}

// Pictures are the panels of a view and those of its answers as PNG files. Pictures larger than most pixels a side are reduced to
// that; 0 means no limit.
func (v View) Pictures(most int) (p Pictures, err error) {
	for i, panel := range slices.Concat(v.Panels, v.Answers) {
		if size := panel.Image.Bounds().Size(); i == 0 {
			p.Width, p.Height, p.Amplification = size.X, size.Y, v.Amplification
		}
		data, err := pixels.EncodePNG(reduced(panel.Image, most))
		if err != nil {
			return Pictures{}, err
		}
		p.Panels = append(p.Panels, Picture{panel.Name, panel.Alt, data})
	}
	return p, nil
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
