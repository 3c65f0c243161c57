package subjects

import (
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/zoo/vehicles"
)

// TwoClasses are pairs of two classes, of 96 x 96 pixels. Their seeds are those of CIFAR-10 in the folder of data.
func TwoClasses(data string) []Subject {
	p := vehicles.Pair
	return []Subject{{p.Name, func(more ...onnx.Option) (*model.Pair, input.Seeds, error) {
		images, err := seedsOf(data, CIFAR10)
		if err != nil {
			return nil, nil, err
		}
		seeds, err := vehicles.Seeds(images)
		if err != nil {
			return nil, nil, err
		}
		pair, err := onnx.OpenPairFS(vehicles.Models, p.Original, p.Compressed, append(more, onnx.PairName(p.Name), onnx.Scale(vehicles.Scale))...)
		return pair, seeds, err
	}}}
}
