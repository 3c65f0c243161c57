package exact

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
		check("sine", angle, Sine(angle), math.Sin(angle))
		check("cosine", angle, Cosine(angle), math.Cos(angle))
		base, exponent := math.Pow(10, 6*rng.Float64()-3), 3*rng.Float64()
		check("logarithm", base, Logarithm(base), math.Log(base))
		check("exponential", exponent, Exponential(-exponent), math.Exp(-exponent))
		unit := rng.Float64()
		check("power", unit, Power(unit, 3*unit), math.Pow(unit, 3*unit))
	}
	check("power", 0, Power(0, 0.3), 0)
	check("power", 1e-40, Power(1e-40, 3), 0)
	check("power", 784, Power(784, 0), 1)
}
