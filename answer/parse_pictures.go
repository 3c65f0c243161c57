package answer

import (
	"fmt"
	"strconv"
	"strings"
)

// This file reads the oracles of boxes and of masks as their String writes them; see [ParseOracle].

var (
	detectionOptions = []string{"score", "faint", "iou", "nms", "across", "classes", "corners", "scores", "background", "of", "scores-of", "classes-of",
		"normalised", "empty", "fit", "input", "picture"}
	segmentationOptions = []string{"share", "iou", "covering", "threshold", "of", "empty"}
)

// size is a width and a height, such as 640x480.
func (r *reader) size(key string) (width, height int) {
	s := r.text(key)
	if s == "" {
		return 0, 0
	}
	w, h, _ := strings.Cut(s, "x")
	width, err1 := strconv.Atoi(w)
	height, err2 := strconv.Atoi(h)
	if err1 != nil || err2 != nil {
		r.wrong(fmt.Errorf("option %s: expected a width and a height such as 640x480, found %q", key, s))
	}
	return width, height
}

func parseDetection(w written, _ Sources) (Oracle, error) {
	layout, err := w.value("layout")
	r := reader{w, err}
	classes, err := w.count("classes", 0)
	r.wrong(err)
	b := Boxes{
		Layout: BoxLayout(layout), Output: r.text("of"), ScoresOutput: r.text("scores-of"), ClassesOutput: r.text("classes-of"),
		Corners: BoxCorners(r.text("corners")), Normalised: r.word("normalised", "yes"), Scores: BoxScores(r.text("scores")), Classes: classes,
		Background: BoxBackground(r.text("background")), Score: r.positive("score"), Faint: r.positive("faint"), IoU: r.positive("iou"),
		NMS: r.positive("nms"), AcrossClasses: r.word("across", "classes"), Empty: r.word("empty", "yes"), Fit: Fit{By: FitBy(r.text("fit"))},
	}
	b.Fit.Width, b.Fit.Height = r.size("input")
	b.Fit.PictureWidth, b.Fit.PictureHeight = r.size("picture")
	if r.err != nil {
		return nil, r.err
	}
	return Detection(b)
}

func parseSegmentation(w written, _ Sources) (Oracle, error) {
	layout, err := w.value("layout")
	r := reader{w, err}
	m := Masks{
		Layout: MaskLayout(layout), Output: r.text("of"), Threshold: r.number("threshold"), Share: r.positive("share"), IoU: r.positive("iou"),
		Covering: r.positive("covering"), Empty: r.word("empty", "yes"),
	}
	if m.Layout != OneLogit { // of which 0 is what is usual
		r.positive("threshold")
	}
	if r.err != nil {
		return nil, r.err
	}
	return Segmentation(m)
}
