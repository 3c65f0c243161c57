package report

import (
	"image"
	"math"
	"slices"

	"github.com/triggerfinder/triggerfinder/engine"
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

// hasPictures reports whether the trigger can be shown beside its seed.
func hasPictures(t *engine.Trigger) bool {
	return isPicture(t.Seed) && isPicture(t.Input) && slices.Equal(t.Seed.Shape, t.Input.Shape)
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

// encodePictures makes the pictures of a trigger's folder: none if it is not an image.
func encodePictures(t *engine.Trigger) (files []file, factor int, err error) {
	if !hasPictures(t) {
		return nil, 0, nil
	}
	factor = amplification(t.Seed, t.Input)
	for _, p := range []struct {
		name string
		img  image.Image
	}{
		{seedPictureFile, picture(t.Seed)},
		{triggerPictureFile, picture(t.Input)},
		{differenceFile, difference(t.Seed, t.Input, factor)},
	} {
		data, err := pixels.EncodePNG(p.img)
		if err != nil {
			return nil, 0, err
		}
		files = append(files, file{p.name, data})
	}
	return files, factor, nil
}
