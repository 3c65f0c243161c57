package generators

import (
	"math/rand/v2"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/internal/exact"
)

// What the photometric operators do at severity 1.
const (
	mostBrightness = 0.6  // of the domain's range, added
	leastLight     = 0.25 // of the light, left: two stops
	mostContrast   = 3.0  // times the differences to the mean
	leastContrast  = 0.1
	mostGamma      = 3.0 // the exponent, or its reciprocal
	mostSaturation = 4.0 // times the differences to grey; the least is 0
)

// Brightness returns the operator "brightness": as its stream has it, every value becomes brighter, by
// up to 0.6 of the domain's range at severity 1, or there is less light, down to 0.25 of it. Less light is a
// factor, since subtracting would leave nothing of an image that is dark already. It takes images, and inputs of
// which nothing more is known.
func Brightness(severity Span) (input.SeverityMutator, error) {
	return newCorruption("brightness", severity, light, changeBrightness)
}

func changeBrightness(to []float64, im raster, severity float64, rng *rand.Rand) {
	lowest, span := im.scale()
	shift, factor := float64(mostBrightness*severity*span), 1.0
	if heads(rng) {
		shift, factor = 0, mix(1, leastLight, severity)
	}
	for i, v := range im.data {
		to[i] = lowest + shift + float64((float64(v)-lowest)*factor)
	}
}

// Contrast returns the operator "contrast": the differences of the values to their mean, for each
// channel of an image by itself, become smaller, down to 0.1 of them at severity 1, or larger, up to 3 times,
// as its stream has it. It takes images, and inputs of which nothing more is known.
func Contrast(severity Span) (input.SeverityMutator, error) {
	return newCorruption("contrast", severity, light, changeContrast)
}

func changeContrast(to []float64, im raster, severity float64, rng *rand.Rand) {
	factor := mix(1, leastContrast, severity)
	if heads(rng) {
		factor = mix(1, mostContrast, severity)
	}
	for c := range im.channels {
		sum := 0.0
		for i := c; i < len(to); i += im.channels {
			sum += float64(im.data[i])
		}
		mean := sum / float64(len(to)/im.channels)
		for i := c; i < len(to); i += im.channels {
			to[i] = mean + float64((float64(im.data[i])-mean)*factor)
		}
	}
}

// Gamma returns the operator "gamma": every value, as a fraction of the domain's range, is raised to
// a power, up to 3 at severity 1, which makes the middle tones darker, or down to 1/3, which makes them
// brighter, as its stream has it. Black and white remain. It takes images, and inputs of which nothing more is known.
func Gamma(severity Span) (input.SeverityMutator, error) {
	return newCorruption("gamma", severity, light, changeGamma)
}

func changeGamma(to []float64, im raster, severity float64, rng *rand.Rand) {
	lowest, span := im.scale()
	exponent := exact.Power(mostGamma, severity)
	if heads(rng) {
		exponent = 1 / exponent
	}
	if im.domain == input.Bytes {
		var curve [256]float64
		for v := range curve {
			curve[v] = float64(exact.Power(float64(v)/span, exponent) * span)
		}
		for i, v := range im.data {
			to[i] = curve[uint8(v)]
		}
		return
	}
	for i, v := range im.data {
		to[i] = lowest + float64(exact.Power((float64(v)-lowest)/span, exponent)*span)
	}
}

// Saturation returns the operator "saturation": colours become paler, down to grey at severity 1, or
// stronger, up to 4 times as far from grey, as its stream has it. Grey is the luma of JPEG, which
// remains unless a value is clipped. It needs a colour image.
func Saturation(severity Span) (input.SeverityMutator, error) {
	return newCorruption("saturation", severity, colourImage, changeSaturation)
}

func changeSaturation(to []float64, im raster, severity float64, rng *rand.Rand) {
	factor := 1 - severity
	if heads(rng) {
		factor = mix(1, mostSaturation, severity)
	}
	for i := 0; i < len(to); i += 3 {
		red, green, blue := float64(im.data[i]), float64(im.data[i+1]), float64(im.data[i+2])
		grey := luma(red, green, blue)
		to[i], to[i+1], to[i+2] = mix(grey, red, factor), mix(grey, green, factor), mix(grey, blue, factor)
	}
}

// luma is how bright a colour looks, as JPEG and old television weigh it (ITU-R BT.601).
func luma(red, green, blue float64) float64 {
	return float64(0.299*red) + float64(0.587*green) + float64(0.114*blue)
}
