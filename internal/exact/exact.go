// Package exact repeats some of package math, whose results may differ in the last bit among processors: its code adds to
// products without converting them. These functions give the same on every machine, and are as exact as their callers
// need, to about 1e-15.
package exact

import "math"

// Sine of an angle in -Pi/4..Pi/4.
func Sine(x float64) float64 {
	// The Taylor series x (1 - x²/(2*3) (1 - x²/(4*5) (1 - ...))), from its end.
	square, sum := float64(x*x), 1.0
	for n := 16.0; n >= 2; n -= 2 {
		sum = 1 - float64(sum*square)/float64(n*(n+1))
	}
	return float64(x * sum)
}

// Cosine of an angle in -Pi/4..Pi/4.
func Cosine(x float64) float64 {
	square, sum := float64(x*x), 1.0
	for n := 17.0; n >= 1; n -= 2 {
		sum = 1 - float64(sum*square)/float64(n*(n+1))
	}
	return sum
}

// Power is base to the exponent, of a base that is not negative and a positive exponent, as long as
// the result is no larger than a float64 holds.
func Power(base, exponent float64) float64 {
	if base == 0 {
		return 0
	}
	return Exponential(float64(exponent * Logarithm(base)))
}

// Logarithm is the natural logarithm of a positive number.
func Logarithm(x float64) float64 {
	fraction, exponent := math.Frexp(x)
	if fraction < math.Sqrt2/2 {
		fraction, exponent = 2*fraction, exponent-1
	}
	// 2 artanh(z) = 2 (z + z³/3 + z⁵/5 + ...), which ends soon where z is at most 0.172.
	z := (fraction - 1) / (fraction + 1)
	square, sum := float64(z*z), 0.0
	for n := 21.0; n >= 1; n -= 2 {
		sum = 1/n + float64(sum*square)
	}
	return float64(float64(exponent)*math.Ln2) + float64(2*z*sum)
}

// Exponential is e to the x, as long as a float64 holds it.
func Exponential(x float64) float64 {
	twos := math.Floor(x/math.Ln2 + 0.5)
	rest, sum := x-float64(twos*math.Ln2), 1.0
	for n := 15.0; n >= 1; n-- {
		sum = 1 + float64(sum*rest)/n
	}
	return math.Ldexp(sum, int(twos))
}
