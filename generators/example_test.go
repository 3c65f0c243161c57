package generators_test

import (
	"fmt"
	"log"
	"math/rand/v2"
	"testing/fstest"

	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
)

func Example() {
	seeds, err := generators.NPY("../input/npy/testdata/arrays/images.npy", generators.Labels("../input/npy/testdata/arrays/labels.npy"))
	if err != nil {
		log.Fatal(err)
	}
	seed, err := seeds.Seed(0)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(seed.Name, seed.Input, "label", seed.Label)

	blur, err := generators.AverageBlur(3)
	if err != nil {
		log.Fatal(err)
	}
	mutant := seed.Input.Clone()
	blur.Mutate(mutant, seed.Input, rand.New(rand.NewPCG(1, 2)))
	fmt.Println(seed.Input.Data)
	fmt.Println(mutant.Data)
	// Output:
	// images.npy[0] image [3 4 1], 0..255 step 1 label 3
	// [0 1 2 3 4 5 6 7 8 9 10 11]
	// [3 4 5 5 5 5 6 6 6 6 7 8]
}

func ExamplePublished() {
	row := input.Input{Shape: []int{4}, Data: make([]float32, 4), Domain: input.Domain{Min: 0, Max: 1}}
	for _, m := range generators.Published() {
		fits := "takes any input"
		if s, ok := m.(input.InputSupporter); ok && s.Supports(row) != nil {
			fits = "needs an image"
		}
		fmt.Println(m, fits)
	}
	// Output:
	// gaussian-noise takes any input
	// salt-and-pepper takes any input
	// speckle-noise takes any input
	// pixel-change takes any input
	// average-blur needs an image
	// gaussian-blur needs an image
	// median-blur needs an image
}

// A path of growing severity: its stream fixes the direction.
func ExampleCorruptions() {
	row := input.Input{Shape: []int{4}, Data: []float32{0, 50, 100, 200}, Domain: input.Bytes}
	for _, m := range generators.Corruptions() {
		if m.String() != "gamma" {
			continue
		}
		for _, severity := range []float64{0, 0.25, 0.5, 1} {
			mutant := row.Clone()
			m.MutateAt(mutant, row, severity, 1)
			fmt.Println(severity, mutant.Data)
		}
	}
	// Output:
	// 0 [0 50 100 200]
	// 0.25 [0 74 125 212]
	// 0.5 [0 100 149 222]
	// 1 [0 148 187 235]
}

func ExampleSupporting() {
	grey := input.Input{Shape: []int{28, 28, 1}, Kind: input.Image, Data: make([]float32, 28*28), Domain: input.Bytes}
	all := generators.Corruptions()
	fmt.Println(len(all), len(generators.Supporting(grey, all))) // saturation needs a colour image
	// Output: 17 16
}

func ExampleRotation() {
	turn, err := generators.Rotation(generators.Between(0, 0.4)) // up to 18 degrees
	fmt.Println(turn, err)
	_, err = generators.Rotation(generators.Exactly(30)) // meant as degrees
	fmt.Println(err)
	// Output:
	// rotation <nil>
	// generators: rotation: severity 30..30: expected low <= high, both within 0..1
}

func ExampleByName() {
	m, err := generators.ByName("released-median-blur")
	fmt.Println(m, err)
	// Output: released-median-blur <nil>
}

func ExampleGaussianNoise() {
	_, err := generators.GaussianNoise(generators.Exactly(25)) // meant as grey levels
	fmt.Println(err)
	// Output: generators: gaussian-noise: sigma 25..25: expected low <= high, both within 0..10
}

func ExampleImageFolderFS() {
	// In a test with an embedded folder this is an embed.FS; ImageFolder takes the path of a folder.
	animals := fstest.MapFS{"cats/tom.png": {Data: tomPNG}, "dogs/notes.txt": {}, ".git/logo.png": {}}
	folder, err := generators.ImageFolderFS(animals)
	if err != nil {
		log.Fatal(err)
	}
	seed, err := folder.Seed(0)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(folder.Len(), folder.ClassNames(), folder.Notes()[1])
	fmt.Println(seed.Name, seed.Input, "is of class", folder.ClassNames()[seed.Label])
	// Output:
	// 1 [cats] folders without images are not classes: dogs; with generators.EmptyClasses they are
	// cats/tom.png image [1 1 1], 0..255 step 1 is of class cats
}

func ExampleIDXFS() {
	files := fstest.MapFS{"images": {Data: []byte{0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 10, 20, 30, 40}}}
	seeds, err := generators.IDXFS(files, "images", "")
	if err != nil {
		log.Fatal(err)
	}
	seed, err := seeds.Seed(1)
	fmt.Println(seeds.Len(), seed.Input.Data, err)
	// Output: 2 [30 40] <nil>
}

func ExampleNPY_domain() {
	_, err := generators.NPY("../input/npy/testdata/arrays/float64.npy")
	fmt.Println(err)

	seeds, err := generators.NPY("../input/npy/testdata/arrays/float64.npy", generators.In(input.Domain{Min: 0, Max: 1}))
	fmt.Println(seeds.Len(), err)
	// Output:
	// generators: ../input/npy/testdata/arrays/float64.npy: type f8: expected the option In, which gives the domain of the values, for any type but u1 and b1; the first 12 values lie in 0..1
	// 2 <nil>
}

func ExampleNPZ() {
	seeds, err := generators.NPZ("../input/npy/testdata/arrays/packed.npz", "x_test", generators.LabelKey("y_test"))
	if err != nil {
		log.Fatal(err)
	}
	seed, err := seeds.Seed(1)
	fmt.Println(seed.Name, seed.Label, err)
	// Output: x_test[1] 1 <nil>
}

func ExampleFirst() {
	seeds, err := generators.FromBytes([]int{1}, [][]uint8{{10}, {20}, {30}, {40}, {50}}, nil)
	if err != nil {
		log.Fatal(err)
	}
	part := generators.First(generators.Shuffled(seeds, 7), 2)
	for i := range part.Len() {
		seed, err := part.Seed(i)
		fmt.Println(seed.Name, seed.Input.Data, err)
	}
	// Output:
	// input[2] [30] <nil>
	// input[4] [50] <nil>
}

// The geometry of torchvision's Resize(256) and CenterCrop(224).
func ExampleResizedShort() {
	photos, err := generators.FromBytes([]int{300, 400, 3}, [][]uint8{make([]uint8, 300*400*3)}, nil)
	if err != nil {
		panic(err)
	}
	seeds := generators.CenterCropped(generators.ResizedShort(photos, 256, generators.Bilinear), 224, 224)
	seed, err := seeds.Seed(0)
	fmt.Println(seed.Input, err)
	// Output: image [224 224 3], 0..255 step 1 <nil>
}

func ExampleCenterCropped() {
	seeds, err := generators.FromBytes([]int{3, 3, 1}, [][]uint8{{1, 2, 3, 4, 5, 6, 7, 8, 9}}, nil)
	if err != nil {
		log.Fatal(err)
	}
	seed, err := generators.CenterCropped(seeds, 1, 3).Seed(0)
	fmt.Println(seed.Input.Data, err)
	_, err = generators.CenterCropped(seeds, 5, 5).Seed(0)
	fmt.Println(err)
	// Output:
	// [4 5 6] <nil>
	// generators: input[0]: crop to 5 x 5: expected 1 x 1 to 3 x 3, the size of the image
}

// tomPNG is a grey image of one pixel.
var tomPNG = []byte("\x89PNG\r\n\x1a\n" +
	"\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00:~\x9bU" +
	"\x00\x00\x00\nIDATx\x9cc`\x00\x00\x00\x02\x00\x01H\xaf\xa4q\x00\x00\x00\x00IEND\xaeB`\x82")

// Photos become what a model of torchvision was trained with; onnx.Torchvision(10, 8).Geometry() gives the same geometry.
func ExamplePrepared() {
	photo, err := input.NewImage(20, 30, 3, make([]uint8, 20*30*3))
	if err != nil {
		log.Fatal(err)
	}
	photos := input.SeedList{{Input: photo, Name: "photo"}}
	geometry := input.Geometry{Short: 10, Height: 8, Width: 8}
	seed, err := generators.Prepared(photos, geometry).Seed(0)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(geometry)
	fmt.Println(seed.Input)
	// Output:
	// short side 10 (bilinear), middle 8 x 8
	// image [8 8 3], 0..255 step 1
}
