// Package ownkind is a kind of input of one's own, heartbeats as an electrocardiogram has them, to be copied: how alike two are,
// what disturbs them, which is what searches do to them by themselves, and how one is shown. All of it is told to the module in init, by the name of the kind.
package ownkind

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"math"
	"math/rand/v2"

	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/report"
)

// Kind is an electrocardiogram of one lead: values in mV, Rate of them a second.
const Kind, Rate = input.Kind("ecg"), 128

func init() {
	traits := distance.Traits{Similarity: similarity, Measure: "1-PRD²"}
	if err := errors.Join(distance.Define(Kind, traits), report.Show(Kind, viewer{}), generators.Define(Kind, Mains, Breathing)); err != nil {
		panic(err)
	}
}

// Mains and Breathing disturb every electrocardiogram.
var (
	Mains     = Disturbance{Name: "mains", Hertz: 50, Most: 0.5}
	Breathing = Disturbance{Name: "breathing", Hertz: 0.3, Most: 1}
)

// prd is the usual measure of what compressing an electrocardiogram loses: the energy of the difference relative to the signal's.
type prd struct{ seed, flat []float32 }

func similarity(in input.Input) distance.Similarity {
	return prd{in.Data, make([]float32, len(in.Data))}
}

// To implements [distance.Similarity].
func (p prd) To(data []float32) float64 { return 1 - energy(data, p.seed)/energy(p.seed, p.flat) }

func energy(a, b []float32) float64 {
	sum := 1e-9 // so that nothing is divided by 0
	for i, v := range a {
		sum += math.Pow(float64(v-b[i]), 2)
	}
	return sum
}

// Disturbance is a mutation operator: a sine of up to Most mV is added, as mains (50 Hz) and breathing (0.3 Hz) do.
type Disturbance struct {
	Name        string
	Hertz, Most float64
}

// Mutate implements [input.Mutator]: a severity and a phase at random.
func (d Disturbance) Mutate(dst, src input.Input, rng *rand.Rand) {
	d.MutateAt(dst, src, rng.Float64(), rng.Uint64())
}

// MutateAt implements [input.SeverityMutator]: the stream is the phase.
func (d Disturbance) MutateAt(dst, src input.Input, severity float64, stream uint64) {
	for i, v := range src.Data {
		angle := 2*math.Pi*d.Hertz*float64(i)/Rate + float64(stream%360)*math.Pi/180
		dst.Data[i] = src.DomainAt(i).Snap(v + float32(severity*d.Most*math.Sin(angle)))
	}
}

// Supports implements [input.InputSupporter]: mV are those of this kind alone.
func (d Disturbance) Supports(in input.Input) error {
	if in.Kind != Kind {
		return fmt.Errorf("%s: expected an input of the kind %s, found %s", d.Name, Kind, in)
	}
	return nil
}

// String is the name in histories.
func (d Disturbance) String() string { return d.Name }

// viewer draws both curves over each other, and writes them as a table.
type viewer struct{}

func (viewer) View(seed, trigger input.Input) (report.View, error) {
	img, table := image.NewRGBA(image.Rect(0, 0, len(seed.Data), 128)), "seconds,seed_mV,trigger_mV\n"
	for i, v := range seed.Data {
		table += fmt.Sprintf("%.4f,%g,%g\n", float64(i)/Rate, v, trigger.Data[i])
		img.Set(i, 64-int(v*24), color.Gray{Y: 160})
		img.Set(i, 64-int(trigger.Data[i]*24), color.RGBA{R: 217, G: 95, B: 14, A: 255})
	}
	panel := report.Panel{Name: "seed and trigger", Alt: "the seed's beat in grey, the trigger's in orange", File: "ecg.png", Image: img}
	return report.View{Panels: []report.Panel{panel}, Files: []report.File{{Name: "ecg.csv", Data: []byte(table)}}}, nil
}
