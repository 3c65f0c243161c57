package wild

import (
	"context"
	"fmt"
	"image"
	"regexp"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"golang.org/x/image/draw"
)

// nudeNet is under the AGPL, which is why nothing of it may be put into a repository or a program of another licence.
var nudeNet = Pair{
	Name: "nudenet", Kind: input.Image, Task: "faces and parts of bodies, as boxes", Licence: "AGPL-3.0",
	Deviates: "one finds a box from 0.25 on that the other does not, or another class",
	from: wheel{
		requirement: "nudenet==3.4.2", file: "nudenet-3.4.2-py3-none-any.whl",
		sum: "5937dbd84e5d8e5de038f08ffea5a1bb50a08475776bf2b4795914ce0eaf0331",
	},
	model: "nudenet/320n.onnx",
	options: func(*shelf) ([]onnx.Option, error) {
		// The package gives the model blue, green and red in this order.
		return []onnx.Option{onnx.Scale(1.0 / 255), onnx.Channels(onnx.BGR), onnx.Scores(onnx.Raw)}, nil
	},
	seeds: namedPortraits,
	oracle: func(*shelf) (answer.Oracle, error) {
		// As the package itself reads them: a better box hides others of any class.
		return answer.Detection(answer.Boxes{Layout: answer.YOLOv8, Score: 0.25, NMS: 0.45, AcrossClasses: true})
	},
}

// portraits are squares out of two pictures, of an astronaut and of a photographer, with more and less around their heads.
func portraits(ctx context.Context, s *shelf, size int) (input.Seeds, error) {
	var seeds input.SeedList
	for _, name := range []string{"astronaut.png", "camera.png"} {
		picture, err := s.picture(ctx, name)
		if err != nil {
			return nil, err
		}
		for _, square := range []image.Rectangle{
			image.Rect(0, 0, 512, 512), image.Rect(32, 0, 432, 400), image.Rect(80, 0, 400, 320), image.Rect(112, 16, 368, 272),
		} {
			small := image.NewRGBA(image.Rect(0, 0, size, size))
			draw.BiLinear.Scale(small, small.Bounds(), picture, square, draw.Src, nil)
			in, err := input.NewImage(size, size, 3, rgbOf(small))
			if err != nil {
				return nil, err
			}
			seeds = append(seeds, input.Seed{Input: in, Label: input.Unlabelled, Name: fmt.Sprintf("%s %v", name, square)})
		}
	}
	return seeds, nil
}

// namedPortraits are portraits with the names of the model's classes.
func namedPortraits(ctx context.Context, s *shelf) (input.Seeds, error) {
	seeds, err := portraits(ctx, s, 320)
	if err != nil {
		return nil, err
	}
	names, err := metadata(s.original, "names")
	if err != nil {
		return nil, err
	}
	var classes []string
	for _, found := range regexp.MustCompile(`\d+: '([^']*)'`).FindAllStringSubmatch(names, -1) {
		classes = append(classes, found[1])
	}
	return generators.WithClassNames(seeds, classes...)
}
