package report

import (
	"image"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/input/pixels"
)

// smallestPicture is the least height and width of what is worth a picture.
const smallestPicture = 3

// isPicture reports whether the input can be shown: an image of 1 or 3 channels.
func isPicture(in input.Input) bool {
	h, w, c, ok := in.ImageSize()
	return ok && (c == 1 || c == 3) && min(h, w) >= smallestPicture && len(in.Data) == h*w*c
}

// picture shows an image whose domain becomes 0 to 255.
func picture(in input.Input) image.Image {
	scale := 255 / float64(in.Domain.Range())
	return drawPixels(in, func(i int) float64 {
		return (float64(in.Data[i]) - float64(in.Domain.Min)) * scale
	})
}

func drawPixels(like input.Input, level func(i int) float64) image.Image {
	h, w, channels, _ := like.ImageSize()
	return pixels.Draw(h, w, channels, level)
}

// imageViewer shows images of 1 or 3 channels.
type imageViewer struct{}

// View implements [Viewer].
func (imageViewer) View(seed, trigger input.Input) (View, error) {
	if !isPicture(seed) || !isPicture(trigger) {
		return View{}, nil
	}
	return View{Heat: true, Panels: []Panel{
		{Name: "seed", Alt: "the seed", File: seedPictureFile, Image: picture(seed)},
		{Name: "trigger", Alt: "the trigger", File: triggerPictureFile, Image: picture(trigger)},
		heatPanel(seed, trigger),
	}}, nil
}
