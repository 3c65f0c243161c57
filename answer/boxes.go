package answer

import (
	"errors"
	"fmt"
)

// Box is a box that a detector found.
type Box struct {
	// X1 and Y1 are the left upper corner, X2 and Y2 the right lower one, in pixels of the picture, or as the model gives them; see
	// [Fit].
	X1, Y1, X2, Y2 float64
	Score          float64 // 0 to 1
	Class          int
}

// BoxLayout says how an output holds boxes: one of the constants or, for others, the names of the columns with "/" between them, of a
// box a row, such as "_/x1/y1/x2/y2/class/score". Columns are x1, y1, x2, y2 for corners, or x1, y1, w, h, or cx, cy, w, h for the
// centre and sizes; score and class; or objectness, by which scores are multiplied, where there is one, and last scores, one of each
// class; and _ for what is not read. "cx/cy/w/h/scores" is YOLOv8 the other way round.
type BoxLayout string

// Layouts of boxes. The dimension of the batch is left out.
const (
	YOLOv8   BoxLayout = "yolov8"     // [4 + classes, boxes]: cx, cy, w, h and a score for each class, as of YOLOv8 and later
	YOLOv5   BoxLayout = "yolov5"     // [boxes, 5 + classes]: cx, cy, w, h, objectness, and a score for each class
	EndToEnd BoxLayout = "end-to-end" // [boxes, 6]: x1, y1, x2, y2, score, class, without boxes that overlap better ones
	Separate BoxLayout = "separate"   // outputs of their own: boxes [boxes, 4], scores [boxes] and classes [boxes], or scores [boxes, classes]
)

// BoxCorners says what the four numbers of a box are in the layout [Separate].
type BoxCorners string

// What the four numbers are.
const (
	XYXY   BoxCorners = "xyxy" // two corners
	YXYX   BoxCorners = "yxyx" // two corners, y first, as TensorFlow's
	XYWH   BoxCorners = "xywh" // the left upper corner, width and height
	CXCYWH BoxCorners = "cxcywh"
)

// BoxScores says how the numbers of classes become scores from 0 to 1.
type BoxScores string

// How numbers become scores.
const (
	SigmoidScores BoxScores = "sigmoid" // each for itself
	SoftmaxScores BoxScores = "softmax" // over the classes of a box
)

// BoxBackground says which class stands for no object.
type BoxBackground string

// The class that stands for no object. Other classes keep their numbers.
const (
	FirstClass BoxBackground = "first" // as in SSD
	LastClass  BoxBackground = "last"  // as in DETR
)

// Boxes says how a detector's answer holds boxes, and which of them count.
type Boxes struct {
	// Layout says how boxes lie; "" for the one that the shapes of the outputs leave. Where they leave several, that is an error which
	// names them.
	Layout BoxLayout
	// Output is the name of the output with the boxes; "" for the only one, or of several the one of shape [boxes, 4]. ScoresOutput
	// and ClassesOutput are those of the layout [Separate]; "" for those whose names or shapes say it.
	Output, ScoresOutput, ClassesOutput string
	// Corners says what the four numbers of a box are in [Separate]; "" for XYXY.
	Corners BoxCorners
	// Normalised says that they are shares of the model's input, 0 to 1, and no pixels.
	Normalised bool
	// Scores says how numbers become scores; "" for scores as they are.
	Scores BoxScores
	// Classes is how many classes there are where more columns follow, such as those of masks; 0 for all.
	Classes int
	// Background says which class is none; "" for no such class.
	Background BoxBackground

	// Score is the score, above 0 and at most 1, from which a box counts; 0 for 0.5.
	Score float64
	// Faint is the score from which a box of the other model is good enough to be the same, so that scores near Score alone are no
	// deviation; above 0 and at most Score, and 0 for Score.
	Faint float64
	// IoU is the intersection over union, above 0 and at most 1, from which two boxes of a class are the same; 0 for 0.5.
	IoU float64
	// NMS is the IoU, above 0 and at most 1, above which a box is left out that overlaps a better one of its class; 0 for 0.5 in
	// layouts that need it, and none in [EndToEnd], [Separate] with classes, and columns with a class. 1 leaves none out.
	NMS float64
	// AcrossClasses leaves a box out that overlaps a better one of any class.
	AcrossClasses bool

	// Empty says that the pictures rightly show nothing, and what the compressed model invents is looked for. Otherwise a search in which
	// the original finds no box in any seed is an error, as the seeds or the preprocessing may not fit.
	Empty bool

	// Fit says how pictures became the model's input, so that boxes are told and drawn where they are in the picture.
	Fit Fit
}

// FitBy says how a picture was made as large as the model's input.
type FitBy string

// Ways to make a picture as large as the model's input.
const (
	FitStretched FitBy = "stretch" // each side for itself
	FitCentred   FitBy = "centre"  // as large as fits, in the middle, with borders: the letterbox of YOLO
	FitCornered  FitBy = "corner"  // as large as fits, in the left upper corner, as NudeNet has it
)

// Fit says how pictures were made as large as the model's input. The zero value is for pictures that are so already.
type Fit struct {
	By            FitBy
	Width, Height int // of the model's input, in pixels
	// PictureWidth and PictureHeight are those of the pictures. Where they are 0, as pictures differ, words tell boxes in pixels of the
	// model's input.
	PictureWidth, PictureHeight int
}

func (f Fit) check() error {
	switch {
	case f == Fit{}:
		return nil
	case f.By != FitStretched && f.By != FitCentred && f.By != FitCornered:
		return fmt.Errorf("fit: expected by %s, %s or %s, found %.40q", FitStretched, FitCentred, FitCornered, f.By)
	case f.Width < 1 || f.Height < 1:
		return fmt.Errorf("fit: expected the width and height of the model's input, at least 1, found %d and %d", f.Width, f.Height)
	case f.PictureWidth < 0 || f.PictureHeight < 0 || (f.PictureWidth == 0) != (f.PictureHeight == 0):
		return fmt.Errorf("fit: expected the width and height of the pictures, or neither, found %d and %d", f.PictureWidth, f.PictureHeight)
	}
	return nil
}

// undo moves a box from pixels of the model's input to those of a picture of a size.
func (f Fit) undo(b Box, width, height int) Box {
	scaleX, scaleY := float64(f.Width)/float64(width), float64(f.Height)/float64(height)
	left, top := 0.0, 0.0
	if f.By != FitStretched {
		scale := min(scaleX, scaleY)
		if f.By == FitCentred {
			left, top = (float64(f.Width)-scale*float64(width))/2, (float64(f.Height)-scale*float64(height))/2
		}
		scaleX, scaleY = scale, scale
	}
	b.X1, b.X2 = (b.X1-left)/scaleX, (b.X2-left)/scaleX
	b.Y1, b.Y2 = (b.Y1-top)/scaleY, (b.Y2-top)/scaleY
	return b
}

// place is the box in pixels of a picture of a size, where that is known.
func (b Boxes) place(box Box, width, height int) Box {
	if b.Normalised {
		w, h := b.Fit.Width, b.Fit.Height
		if b.Fit == (Fit{}) {
			w, h = width, height
		}
		if w == 0 || h == 0 {
			return box
		}
		box.X1, box.X2 = box.X1*float64(w), box.X2*float64(w)
		box.Y1, box.Y2 = box.Y1*float64(h), box.Y2*float64(h)
	}
	if b.Fit != (Fit{}) && width > 0 && height > 0 {
		box = b.Fit.undo(box, width, height)
	}
	return box
}

// check finds settings that are none.
func (b Boxes) check() error {
	share := func(name string, v float64) error {
		if !(v >= 0 && v <= 1) {
			return fmt.Errorf("%s: expected above 0 and at most 1, or 0 for what is usual, found %g", name, v)
		}
		return nil
	}
	if err := errors.Join(share("score", b.Score), share("faint", b.Faint), share("IoU", b.IoU), share("NMS", b.NMS)); err != nil {
		return err
	}
	separate := b.Layout == Separate || b.Layout == ""
	switch {
	case b.Faint > b.score():
		return fmt.Errorf("faint: expected at most the score, %g, found %g", b.score(), b.Faint)
	case b.Classes < 0:
		return fmt.Errorf("classes: expected at least 1, or 0 for all, found %d", b.Classes)
	case b.Corners != "" && b.Corners != XYXY && b.Corners != YXYX && b.Corners != XYWH && b.Corners != CXCYWH:
		return fmt.Errorf("corners: expected %s, %s, %s or %s, found %.40q", XYXY, YXYX, XYWH, CXCYWH, string(b.Corners))
	case !separate && (b.Corners != "" || b.ScoresOutput != "" || b.ClassesOutput != ""):
		return fmt.Errorf("layout %s: expected no corners and no outputs of scores and classes, which are for the layout %s", b.Layout, Separate)
	case b.Scores != "" && b.Scores != SigmoidScores && b.Scores != SoftmaxScores:
		return fmt.Errorf("scores: expected %s, %s or none, found %.40q", SigmoidScores, SoftmaxScores, string(b.Scores))
	case b.Background != "" && b.Background != FirstClass && b.Background != LastClass:
		return fmt.Errorf("background: expected %s, %s or none, found %.40q", FirstClass, LastClass, string(b.Background))
	}
	for _, name := range []string{b.Output, b.ScoresOutput, b.ClassesOutput} {
		if name != "" && (name == b.Output) == (name == b.ScoresOutput) && name != b.ClassesOutput {
			return fmt.Errorf("outputs: expected different ones, found %q twice", name)
		}
	}
	if b.ClassesOutput != "" && (b.ClassesOutput == b.Output || b.ClassesOutput == b.ScoresOutput) {
		return fmt.Errorf("outputs: expected different ones, found %q twice", b.ClassesOutput)
	}
	return b.Fit.check()
}

func (b Boxes) score() float64 { return orHalf(b.Score) }
func (b Boxes) same() float64  { return orHalf(b.IoU) }

// faint is the score from which a box is good enough for one of the other model.
func (b Boxes) faint() float64 {
	if b.Faint > 0 {
		return b.Faint
	}
	return b.score()
}

// overlap is the IoU above which boxes are left out; 1 for none.
func (b Boxes) overlap(v *boxView) float64 {
	switch {
	case b.NMS > 0:
		return b.NMS
	case v.classes == 0:
		return 1
	}
	return 0.5
}

func orHalf(v float64) float64 {
	if v > 0 {
		return v
	}
	return 0.5
}
