package wild

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"math"
	"os"
	"path/filepath"
	"strings"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx/onnxpb"
	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
	"google.golang.org/protobuf/proto"
)

var textLines = Pair{
	Name: "text-lines", Kind: input.Image, Task: "text of a line", Licence: "Apache-2.0",
	Deviates: "they read texts that differ by more than one letter",
	from:     textLinesWheel,
	model:    "rapidocr_onnxruntime/models/ch_PP-OCRv4_rec_infer.onnx",
	leave:    []string{"p2o.Conv.23", "p2o.Conv.24", "p2o.Conv.27", "p2o.Conv.28"}, // squeeze and excitation: a few numbers that scale all others
	options: func(*shelf) ([]onnx.Option, error) {
		return []onnx.Option{onnx.Preprocess(linePixels), onnx.Scores(onnx.Raw)}, nil
	},
	seeds:  func(context.Context, *shelf) (input.Seeds, error) { return lines() },
	oracle: sameText,
}

var textLinesWheel = wheel{
	requirement: "rapidocr-onnxruntime==1.4.4", file: "rapidocr_onnxruntime-1.4.4-py3-none-any.whl",
	sum: "971d7d5f223a7a808662229df1ef69893809d8457d834e6373d3854bc1782cbf",
}

// The size of a line of text as it is searched. The model takes lines that are 48 pixels high.
const (
	lineHeight, lineWidth = 32, 192
	readHeight            = 48
	readWidth             = lineWidth * readHeight / lineHeight
)

// linePixels is the preprocessing of the package: the line is made 48 pixels high, its colours are blue first, and pixels go from -1 to 1.
func linePixels(raw input.Input, dst []onnx.Tensor) error {
	h, w, c, ok := raw.ImageSize()
	if !ok || h != lineHeight || w != lineWidth || c != 3 {
		return fmt.Errorf("expected an RGB picture of %d x %d pixels, found %v", lineHeight, lineWidth, raw.Shape)
	}
	values := dst[0].Resize(1, 3, readHeight, readWidth)
	for channel := range 3 {
		plane := values[channel*readHeight*readWidth:]
		for y := range readHeight {
			y0, y1, fy := between(y, h)
			for x := range readWidth {
				x0, x1, fx := between(x, w)
				at := func(y, x int) float64 { return float64(raw.Data[(y*w+x)*3+2-channel]) }
				upper := at(y0, x0)*(1-fx) + at(y0, x1)*fx
				lower := at(y1, x0)*(1-fx) + at(y1, x1)*fx
				plane[y*readWidth+x] = (math.Round(upper*(1-fy)+lower*fy)/255 - 0.5) / 0.5
			}
		}
	}
	return nil
}

// between are the two pixels that a pixel of the larger picture lies between, of so many, and how near it is to the second one.
func between(i, n int) (first, second int, share float64) {
	at := (float64(i)+0.5)*lineHeight/readHeight - 0.5
	low := math.Floor(at)
	first, second = max(0, int(low)), min(n-1, int(low)+1)
	return first, second, at - low
}

// lines are texts as they stand on tickets, bills and labels, black on white and the like.
func lines() (input.Seeds, error) {
	var seeds input.SeedList
	for i, text := range []string{
		"Invoice 2026-118", "Total 1,249.50", "Platform 9, 14:32", "Order no. 48213", "Use by 03.27",
		"Flight LH 1837", "Room 216", "No 7Q4-88210", "Berlin - Lisboa", "Gross 12.5 kg",
	} {
		data, back, ink := goregular.TTF, color.Gray{255}, color.Gray{20}
		switch i % 3 {
		case 1:
			data, back, ink = gomono.TTF, color.Gray{230}, color.Gray{60}
		case 2:
			back, ink = color.Gray{40}, color.Gray{235}
		}
		pixels, err := drawn(text, data, back, ink)
		if err != nil {
			return nil, err
		}
		in, err := input.NewImage(lineHeight, lineWidth, 3, pixels)
		if err != nil {
			return nil, err
		}
		seeds = append(seeds, input.Seed{Input: in, Label: input.Unlabelled, Name: text})
	}
	return seeds, nil
}

// drawn is a line of text as RGB pixels.
func drawn(text string, typeface []byte, back, ink color.Gray) ([]uint8, error) {
	parsed, err := opentype.Parse(typeface)
	if err != nil {
		return nil, err
	}
	face, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: 20, DPI: 72})
	if err != nil {
		return nil, err
	}
	defer func() { _ = face.Close() }()
	picture := image.NewGray(image.Rect(0, 0, lineWidth, lineHeight))
	for i := range picture.Pix {
		picture.Pix[i] = back.Y
	}
	d := font.Drawer{Dst: picture, Src: image.NewUniform(ink), Face: face, Dot: fixed.P(6, 22)}
	d.DrawString(text)
	if d.Dot.X.Ceil() > lineWidth {
		return nil, fmt.Errorf("expected a text that fits into %d pixels, found %q", lineWidth, text)
	}
	var pixels []uint8
	for _, v := range picture.Pix {
		pixels = append(pixels, v, v, v)
	}
	return pixels, nil
}

// letters are those that the model reads, in the order of its classes after the blank, as its file says.
func letters(s *shelf) ([]string, error) {
	list, err := metadata(s.original, "character")
	return append(strings.Split(list, "\n"), " "), err
}

// metadata is what a model's file says of itself under a name.
func metadata(file, key string) (string, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	var m onnxpb.ModelProto
	if err := proto.Unmarshal(data, &m); err != nil {
		return "", err
	}
	for _, p := range m.GetMetadataProps() {
		if p.GetKey() == key {
			return p.GetValue(), nil
		}
	}
	return "", fmt.Errorf("%s: expected %q in its metadata, found none", filepath.Base(file), key)
}

// sameText is the oracle of what is read. One letter may differ: the quantised version often sees a space behind a line.
func sameText(s *shelf) (answer.Oracle, error) {
	alphabet, err := letters(s)
	if err != nil {
		return nil, err
	}
	return answer.CTC(answer.Text{Alphabet: alphabet, Edits: 1})
}
