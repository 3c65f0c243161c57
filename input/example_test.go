package input_test

import (
	"fmt"
	"math/rand/v2"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// Pixels are row by row, the channels of a pixel side by side.
func ExampleNewImage() {
	image, err := input.NewImage(1, 2, 3, []uint8{255, 0, 0, 0, 0, 255}) // red, then blue
	fmt.Println(image, err)
	fmt.Println(image.Data[3:], image.ID())
	_, err = input.NewImage(1, 2, 3, []uint8{255, 0})
	fmt.Println(err)
	// Output:
	// image [1 2 3], 0..255 step 1 <nil>
	// [0 0 255] 1206e3f01d9ed33b
	// input: image 1x2x3: expected 6 pixel values, found 2
}

// A signal of three values at most 3 from 0. Whoever makes an input says what it is.
func ExampleInput() {
	signal := input.Input{Kind: input.Signal, Shape: []int{3}, Domain: input.Domain{Min: -3, Max: 3}, Data: []float32{0.5, -1, 2.25}}
	fmt.Println(signal, signal.Validate())
	signal.Data[2] = 4
	fmt.Println(signal.Validate())
	// Output:
	// signal [3], -3..3 <nil>
	// value 4 at index 2: expected a value of the domain -3..3
}

// A row of a table: an age in whole years, and an income.
func ExampleNewRow() {
	row, err := input.NewRow([]float32{42, 1850.5}, []input.Domain{{Max: 120, Step: 1}, {Max: 1e6}})
	fmt.Println(row, err)
	fmt.Println(row.DomainAt(0), row.DomainAt(1))
	// Output:
	// row [2], 0..1e+06 <nil>
	// 0..120 step 1 0..1e+06
}

// A model of two inputs, of which a search changes the image alone.
func ExampleJoin() {
	image := model.Must(input.NewImage(1, 2, 1, []uint8{10, 20}))
	size := model.Must(input.NewRow([]float32{1, 2}, []input.Domain{{Max: 9, Step: 1}, {Max: 9, Step: 1}}))
	set, err := input.Join(input.Searched("image", image), input.Fixed("size", size))
	fmt.Println(set, err)
	for _, part := range set.Parts() {
		fmt.Println(part.Name, part.Shape, part.Values)
	}
	// Output:
	// image in a set of 2 parts [1 2 1], 0..255 step 1 <nil>
	// image [1 2 1] [10 20]
	// size [2] [1 2]
}

func ExampleDomain_Snap() {
	quarters := input.Domain{Min: -1, Max: 1, Step: 0.25}
	fmt.Println(quarters.Snap(0.3), quarters.Snap(7), input.Bytes.Snap(99.5))
	// Output: 0.25 1 100
}

func ExampleBlend() {
	dark, bright := model.Must(input.NewImage(1, 4, 1, []uint8{0, 0, 0, 0})), model.Must(input.NewImage(1, 4, 1, []uint8{200, 200, 200, 200}))
	between := dark.Clone()
	input.Blend(between, dark, bright, 0.25)
	fmt.Println(between.Data)
	// Output: [50 50 50 50]
}

// negative is a mutation operator of one's own: each value may become its negative.
type negative struct{}

func (negative) Mutate(dst, src input.Input, rng *rand.Rand) {
	for i, v := range src.Data {
		if dst.Data[i] = v; rng.IntN(2) == 0 {
			dst.Data[i] = src.Domain.Max - (v - src.Domain.Min)
		}
	}
}

func (negative) String() string { return "negative" }

func ExampleMutator() {
	image := model.Must(input.NewImage(1, 4, 1, []uint8{10, 20, 30, 40}))
	mutant := image.Clone()
	negative{}.Mutate(mutant, image, rand.New(rand.NewPCG(3, 4)))
	fmt.Println(mutant.Data)
	// Output: [245 20 30 40]
}
