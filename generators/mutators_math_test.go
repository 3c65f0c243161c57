package generators

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestElementaryFunctionsAgreeWithMath(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	check := func(name string, at, found, want float64) {
		t.Helper()
		if !(math.Abs(found-want) <= 4e-15*max(1, math.Abs(want))) {
			t.Errorf("%s of %v: expected %v, found %v", name, at, want, found)
		}
	}
	for range 10000 {
		angle := math.Pi / 4 * (2*rng.Float64() - 1)
		check("sine", angle, sine(angle), math.Sin(angle))
		check("cosine", angle, cosine(angle), math.Cos(angle))
		base, exponent := math.Pow(10, 6*rng.Float64()-3), 3*rng.Float64()
		check("logarithm", base, logarithm(base), math.Log(base))
		check("exponential", exponent, exponential(-exponent), math.Exp(-exponent))
		unit := rng.Float64()
		check("power", unit, power(unit, 3*unit), math.Pow(unit, 3*unit))
	}
	for n := range 64 {
		check("cosine of 16ths", float64(n), cosineOf16ths(n), math.Cos(float64(n)*math.Pi/16))
	}
	check("power", 0, power(0, 0.3), 0)
	check("power", 1e-40, power(1e-40, 3), 0)
	check("power", 784, power(784, 0), 1)
}
