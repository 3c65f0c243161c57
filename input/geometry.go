package input

import "fmt"

// Geometry says how images of any size become ones of the size that a model was trained on, in this order: the middle square, the short
// side, the size. It is no more than said here, so that runtimes, which know what models were trained with, need not know how images are
// scaled; generators.Prepared carries it out.
//
// The zero Geometry leaves images as they are.
type Geometry struct {
	// Square takes the middle square first, as large as it fits.
	Square bool
	// Short scales the image, antialiased and with its proportions, until its short side has so many pixels; 0 does not.
	Short int
	// Bicubic is the filter of Short, instead of a bilinear one.
	Bicubic bool
	// Height and Width are the size in the end, which Fit brings about; 0 leaves it as it is.
	Height, Width int
	// Fit is how an image gets that size.
	Fit Fit
}

// Fit is how an image gets a size.
type Fit int

// The ways.
const (
	Crop      Fit = iota // the middle of it
	Stretch              // scaled whatever its proportions, bilinear without antialiasing, as tf.image.resize
	Letterbox            // scaled with its proportions until it fits, bilinear without antialiasing, with grey of 114 around it
)

// String says it in words: "short side 256 (bilinear), middle 224 x 224".
func (g Geometry) String() string {
	text := ""
	add := func(format string, args ...any) {
		if text != "" {
			text += ", "
		}
		text += fmt.Sprintf(format, args...)
	}
	if g.Square {
		add("middle square")
	}
	if g.Short > 0 {
		add("short side %d (%s)", g.Short, map[bool]string{false: "bilinear", true: "bicubic"}[g.Bicubic])
	}
	if g.Height > 0 || g.Width > 0 {
		way, known := map[Fit]string{Crop: "middle", Stretch: "stretched to", Letterbox: "letterboxed in"}[g.Fit]
		if !known {
			way = fmt.Sprintf("fit %d to", int(g.Fit))
		}
		add("%s %d x %d", way, g.Height, g.Width)
	}
	if text == "" {
		return "as it is"
	}
	return text
}

// Validate tells what is wrong with a geometry.
func (g Geometry) Validate() error {
	switch {
	case g.Short < 0:
		return fmt.Errorf("geometry: expected a short side of 1 or more, or 0 for as it is, found %d", g.Short)
	case g.Height < 0 || g.Width < 0 || (g.Height == 0) != (g.Width == 0):
		return fmt.Errorf("geometry: expected a height and a width of 1 or more, or both 0 for as they are, found %d x %d", g.Height, g.Width)
	case g.Fit < Crop || g.Fit > Letterbox:
		return fmt.Errorf("geometry: expected the fit Crop, Stretch or Letterbox, found %d", int(g.Fit))
	case g.Fit == Crop && g.Short > 0 && max(g.Height, g.Width) > 0 && min(g.Height, g.Width) > g.Short:
		return fmt.Errorf("geometry: expected a middle within the short side of %d, found %d x %d", g.Short, g.Height, g.Width)
	}
	return nil
}
