package report

import (
	"fmt"
	"image"
	"math"
	"slices"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/input/pixels"
)

const (
	// smallestPicture is the least height and width of what is worth a picture.
	smallestPicture = 3
	// noDifference is the grey of equal pixels.
	noDifference = 128
	// mostAmplification keeps a difference of one step from looking like a large one.
	mostAmplification = 32
)

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

// difference shows what changed from seed to trigger.
func difference(seed, trigger input.Input, amplification int) image.Image {
	scale := float64(amplification) * 255 / float64(seed.Domain.Range())
	return drawPixels(seed, func(i int) float64 {
		return noDifference + (float64(trigger.Data[i])-float64(seed.Data[i]))*scale
	})
}

// amplification is the factor at which the largest difference is still told from larger ones.
func amplification(seed, trigger input.Input) int {
	var largest float64
	for i, v := range trigger.Data {
		largest = max(largest, math.Abs(float64(v)-float64(seed.Data[i])))
	}
	if largest == 0 {
		return 1
	}
	most := (255 - noDifference) * float64(seed.Domain.Range()) / 255 / largest
	return int(min(max(most, 1), mostAmplification))
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
	factor := amplification(seed, trigger)
	name, alt := "difference", "what changed from seed to trigger"
	if factor > 1 {
		name, alt = fmt.Sprintf("difference ×%d", factor), fmt.Sprintf("%s, amplified %d times", alt, factor)
	}
	if slices.Equal(seed.Data, trigger.Data) {
		name = "no difference"
	}
	return View{Amplification: factor, Panels: []Panel{
		{Name: "seed", Alt: "the seed", File: seedPictureFile, Image: picture(seed)},
		{Name: "trigger", Alt: "the trigger", File: triggerPictureFile, Image: picture(trigger)},
		{Name: name, Alt: alt, File: differenceFile, Image: difference(seed, trigger, factor)},
	}}, nil
}
