package distance_test

import (
	"fmt"
	"math"

	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

func ExampleDistanceBetween() {
	seed, other := model.Must(input.NewImage(2, 2, 1, []uint8{10, 20, 30, 40})), model.Must(input.NewImage(2, 2, 1, []uint8{10, 23, 30, 36}))
	d := distance.DistanceBetween(seed, other)
	fmt.Println(d.L0, d.L1, d.L2, d.LInf, d.SSIM) // no SSIM: it takes 3x3 pixels
	// Output: 2 7 5 4 <nil>
}

// A bound keeps what a strategy asks for near its seed.
func ExampleLInf() {
	seed, candidate := model.Must(input.NewImage(2, 2, 1, []uint8{10, 20, 30, 40})), model.Must(input.NewImage(2, 2, 1, []uint8{0, 20, 33, 90}))
	region := model.Must(distance.LInf(8).Around(seed))
	fmt.Println(region.Contains(candidate))
	region.Project(candidate)
	fmt.Println(region.Contains(candidate), candidate.Data)
	// Output:
	// false
	// true [2 20 33 48]
}

// Several bounds at once, as a command line has them.
func ExampleParseBound() {
	fmt.Println(distance.ParseBound("linf=8,ssim=0.9"))
	fmt.Println(distance.AllOf(distance.LInf(8), distance.SSIMAtLeast(0.9)))
	// Output:
	// LInf 8, SSIM >= 0.9 <nil>
	// LInf 8, SSIM >= 0.9
}

// A bound in which there is nothing but the seed is told before a search spends anything on it.
func ExampleCheckRoom() {
	seed := model.Must(input.NewImage(2, 2, 1, []uint8{10, 20, 30, 40}))
	bound := distance.LInf(0.03)
	fmt.Println(distance.CheckRoom(bound, model.Must(bound.Around(seed)), seed))
	// Output: bound leaves no room: no input but the seed lies within LInf 0.03. Bounds are in raw units of the input's domain, here 0..255 step 1: the smallest useful one is LInf 1; 0.03 of the range is LInf 7.65
}

func ExampleRuler() {
	seed, near, far := model.Must(input.NewImage(1, 2, 1, []uint8{10, 20})), model.Must(input.NewImage(1, 2, 1, []uint8{13, 24})), model.Must(input.NewImage(1, 2, 1, []uint8{16, 28}))
	ruler := distance.NewRuler(seed)
	fmt.Println(ruler.Far(distance.NearestL2, near), ruler.Far(distance.NearestL2, far))
	// Output: 5 10
}

func ExampleSNR() {
	signal := input.Input{Shape: []int{512}, Data: make([]float32, 512), Domain: input.Domain{Min: -1, Max: 1}, Kind: input.Signal}
	for i := range signal.Data {
		signal.Data[i] = float32(math.Sin(0.3*float64(i))) / float32(1+i/256) // quieter in its second half
	}
	noisy := signal.Clone()
	for i := range noisy.Data {
		noisy.Data[i] += 0.05 * float32(1-2*(i%2))
	}
	whole, _ := distance.SNR(signal, noisy)
	segments, _ := distance.SegmentalSNR(signal, noisy)
	fmt.Printf("%.1f dB, by segments %.1f dB\n", whole, segments)
	alike, _ := distance.DistanceBetween(signal, noisy).Alike()
	fmt.Printf("%s %.3f\n", alike.Measure, alike.Value)
	// Output:
	// 21.0 dB, by segments 20.0 dB
	// segmental S/(S+N) 0.988
}
