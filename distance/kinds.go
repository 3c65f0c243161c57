package distance

import (
	"math"

	"github.com/triggerfinder/triggerfinder/input"
)

// The kinds that are known here, images first. Others are defined by [Define] alike.
func init() {
	for kind, traits := range map[input.Kind]Traits{
		input.Image: {
			Similarity: similarImages, Measure: "SSIM", Grid: gridOfImage, Coarse: coarseImage, Outline: outlineOfImage,
		},
		input.Signal: {Similarity: similarSignals, Measure: "segmental S/(S+N)", Grid: gridOfSignal, Coarse: coarseSignal},
		input.Row:    {Similarity: similarRows, Measure: "1-(scaled L1)²", Coarse: shares, Moves: PutBack | Scale},
		input.Tokens: {Similarity: similarTokens, Measure: "1-edits/length", Coarse: values, Apart: substitutions, Unordered: true},
	} {
		if err := Define(kind, traits); err != nil {
			panic(err) // cannot happen: the table is part of the program
		}
	}
}

func similarImages(seed input.Input) Similarity {
	if s := newSSIM(seed); s != nil {
		return s
	}
	return nil
}

func outlineOfImage(in input.Input) Outline {
	if o := newImageOutline(in); o != nil {
		return o
	}
	return nil
}

// gridOfImage has the pixels of an image.
func gridOfImage(in input.Input) Grid {
	h, w, c, _ := in.ImageSize()
	return Grid{h, w, c}
}

// coarseImage sums an image in blocks, and one that is too small for them in segments.
func coarseImage(in input.Input) []float32 {
	g := GridOf(in)
	if g.Height < coarse || g.Width < coarse {
		g = Grid{1, len(in.Data), 1}
	}
	return coarseBlocks(in.Data, g)
}

// gridOfSignal is one row of moments, whose features are its channels.
func gridOfSignal(in input.Input) Grid {
	if len(in.Shape) == 0 {
		return Grid{}
	}
	return Grid{1, in.Shape[0], len(in.Data) / max(in.Shape[0], 1)}
}

// coarseSignal sums each feature of a signal over segments of time.
func coarseSignal(in input.Input) []float32 {
	g := GridOf(in)
	segments := (g.Width + coarse - 1) / coarse
	sums := make([]float32, segments*g.Channels)
	for i, v := range in.Data {
		time, feature := i/g.Channels, i%g.Channels
		sums[time/coarse*g.Channels+feature] += v
	}
	return sums
}

// shares are the values of a row as shares of the ranges of their columns, so that all columns count alike. Of a category there is
// one number for each that there might be, so that all are equally far from each other.
func shares(in input.Input) []float32 {
	all := make([]float32, 0, len(in.Data))
	for i, v := range in.Data {
		d := in.DomainAt(i)
		if n := len(in.ColumnAt(i).Categories); n > 0 {
			all = append(all, make([]float32, n)...)
			all[len(all)-n+min(max(int((v-d.Min)/d.Step+0.5), 0), n-1)] = math.Sqrt2 / 2
			continue
		}
		all = append(all, (v-d.Min)/d.Range())
	}
	return all
}

func values(in input.Input) []float32 { return in.Data }

// substitutions is how many tokens differ.
func substitutions(a, b []float32) float64 { return float64(changes(a, b)) }
